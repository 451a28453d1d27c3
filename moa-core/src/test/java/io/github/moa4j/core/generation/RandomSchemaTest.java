package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.github.moa4j.core.constraint.Constraint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Schemas that nobody thought of, and a random model. More are tried with {@code
 * -Dmoa.schemas=2000}.
 */
final class RandomSchemaTest {

  private static final int COUNT = Integer.getInteger("moa.schemas", 60);
  private static final int AT_ONCE = 20;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonSchemaFactory VALIDATORS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);
  private static final SchemaValidatorsConfig STRICT =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

  @Test
  void everyFinishedAnswerSatisfiesItsSchema(@TempDir Path folder) throws Exception {
    List<String> faults = new ArrayList<>();
    int cut = 0;
    try (Fixture fixture = Fixture.open(folder)) {
      for (int from = 0; from < COUNT; from += AT_ONCE) {
        List<String> schemas = new ArrayList<>();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int seed = from; seed < Math.min(COUNT, from + AT_ONCE); seed++) {
          String schema = MAPPER.writeValueAsString(RandomSchema.of(seed));
          try {
            requests.add(Fixture.request(5 + seed % 13, options(schema, seed)));
            schemas.add(schema);
          } catch (RuntimeException e) {
            faults.add(seed + " refused: " + schema + "\n  " + e);
          }
        }
        List<GenerationResult> results = fixture.generator().generate(requests);
        for (int i = 0; i < results.size(); i++) {
          GenerationResult result = results.get(i);
          if (result.stopReason() != StopReason.END_TOKEN) {
            cut++;
          } else {
            JsonSchema validator = VALIDATORS.getSchema(schemas.get(i), STRICT);
            validator.validate(MAPPER.readTree(result.text())).stream()
                .map(fault -> fault + "\n  " + result.text())
                .forEach(faults::add);
          }
        }
      }
    }
    assertThat(faults).isEmpty();
    assertThat(cut).as("answers longer than the limit").isLessThanOrEqualTo(COUNT / 20);
  }

  private static GenerationOptions options(String schema, int seed) {
    return GenerationOptions.builder()
        .maxNewTokens(150)
        .temperature(seed % 4 == 0 ? 0 : 1)
        .seed(seed)
        .constraint(Constraint.jsonSchema(schema))
        .build();
  }
}
