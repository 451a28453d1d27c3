package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.model.AdapterChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A random model, which by itself writes nothing that anybody wants. */
@TestInstance(Lifecycle.PER_CLASS)
final class ConstrainedAnswerTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonSchemaFactory VALIDATORS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);

  private Fixture fixture;

  @BeforeAll
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
  }

  @AfterAll
  void close() {
    fixture.close();
  }

  private static GenerationOptions options(Constraint constraint, int most, long seed) {
    return GenerationOptions.builder()
        .maxNewTokens(most)
        .temperature(seed == 0 ? 0 : 1)
        .seed(seed)
        .constraint(constraint)
        .build();
  }

  private GenerationResult answer(Constraint constraint, int most, long seed) {
    return fixture
        .generator()
        .generate(Fixture.request(9, options(constraint, most, seed)), t -> {});
  }

  private static void assertValid(String schema, GenerationResult result) throws Exception {
    assertThat(result.stopReason()).as(result.text()).isEqualTo(StopReason.END_TOKEN);
    SchemaValidatorsConfig config =
        SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    JsonSchema validator = VALIDATORS.getSchema(schema, config);
    assertThat(validator.validate(MAPPER.readTree(result.text()))).as(result.text()).isEmpty();
  }

  @Test
  void choosesOneOfSomeTexts() {
    List<String> choices = List.of("yes", "no", "perhaps, später 中");
    for (int seed = 0; seed < 5; seed++) {
      GenerationResult result = answer(Constraint.choices(choices), 40, seed);
      assertThat(choices).contains(result.text());
      assertThat(result.stopReason()).isEqualTo(StopReason.END_TOKEN);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a-z]{3}-\\d{2,4}",
        "(ab|cd)+x?",
        "\\w+@\\w+\\.(com|org)",
        "[^a-z\\s]{4,9}",
        ".{0,20}[äöü中]",
        "^a*b$",
        "x(?:y|z){0,3}"
      })
  void matchesARegularExpression(String pattern) {
    for (int seed = 0; seed < 5; seed++) {
      GenerationResult result = answer(Constraint.regex(pattern), 30, seed);
      assertThat(result.text()).matches("(?:" + pattern + ")");
      assertThat(result.stopReason()).isEqualTo(StopReason.END_TOKEN);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"object\"}",
        "true",
        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":12},"
            + "\"age\":{\"type\":\"integer\",\"minimum\":-7,\"maximum\":120},"
            + "\"ok\":{\"type\":\"boolean\"}},\"required\":[\"age\"],\"additionalProperties\":false}",
        "{\"type\":\"array\",\"items\":{\"enum\":[1,\"a\\\"b\",null,{\"x\":[1.5]}]},"
            + "\"minItems\":2,\"maxItems\":4}",
        "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"null\"},{\"type\":\"boolean\"}],"
            + "\"items\":false}",
        "{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}\\\\d+\",\"minLength\":4,\"maxLength\":9}",
        "{\"type\":\"string\",\"pattern\":\"[\\\"\\\\\\\\]\",\"maxLength\":6}",
        "{\"type\":\"number\",\"minimum\":0.2,\"exclusiveMaximum\":0.7}",
        "{\"type\":\"number\",\"exclusiveMinimum\":-1.5,\"maximum\":3}",
        "{\"type\":\"integer\",\"multipleOf\":7,\"minimum\":-100,\"exclusiveMaximum\":1000}",
        "{\"anyOf\":[{\"type\":\"string\",\"format\":\"date\"},{\"type\":\"string\","
            + "\"format\":\"uuid\"},{\"type\":\"string\",\"format\":\"email\"}]}",
        "{\"type\":\"string\",\"format\":\"date-time\"}",
        "{\"type\":\"string\",\"format\":\"ipv4\"}",
        "{\"type\":\"string\",\"format\":\"uri\"}",
        "{\"$ref\":\"#/$defs/tree\",\"$defs\":{\"tree\":{\"type\":\"object\",\"properties\":{"
            + "\"v\":{\"type\":\"integer\"},\"kids\":{\"type\":\"array\",\"items\":{"
            + "\"$ref\":\"#/$defs/tree\"}}},\"required\":[\"v\",\"kids\"],"
            + "\"additionalProperties\":false}}}",
        "{\"$ref\":\"#/$defs/t\",\"required\":[\"n\"],\"$defs\":{\"t\":{\"type\":\"object\","
            + "\"properties\":{\"n\":{\"type\":\"integer\"},\"t\":{\"$ref\":\"#/$defs/t\","
            + "\"required\":[\"n\"]}}}}}",
        "{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}},"
            + "{\"required\":[\"a\"],\"properties\":{\"a\":{\"minimum\":3,\"maximum\":5}}}]}",
        "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"a\"}},"
            + "\"required\":[\"k\"]},{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"b\"},"
            + "\"n\":{\"type\":[\"number\",\"null\"]}},\"required\":[\"k\",\"n\"]}]}"
      })
  void writesJsonThatSatisfiesItsSchema(String schema) throws Exception {
    Constraint constraint = Constraint.jsonSchema(schema);
    for (int seed = 0; seed < 5; seed++) {
      assertValid(schema, answer(constraint, 120, seed));
    }
  }

  @Test
  void standsInABatchBesideFreeAnswers() throws Exception {
    String schema = "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"maxItems\":5}";
    Constraint constraint = Constraint.jsonSchema(schema);
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      GenerationOptions options =
          i % 2 == 0 ? options(constraint, 50, i) : GenerationOptions.greedy(20);
      AdapterChoice choice = i % 4 < 2 ? AdapterChoice.base() : AdapterChoice.of(fixture.first());
      requests.add(new GenerationRequest(Fixture.prompt(7 + i, i), choice, options));
    }

    List<GenerationResult> results = fixture.generator().generate(requests);

    for (int i = 0; i < 8; i++) {
      GenerationResult alone = fixture.generator().generate(requests.get(i), text -> {});
      assertThat(results.get(i).text()).isEqualTo(alone.text());
      if (i % 2 == 0) {
        assertValid(schema, results.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"not\":{\"type\":\"null\"}}",
        "{\"type\":\"string\",\"format\":\"iri\"}",
        "{\"$ref\":\"#\"}",
        "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
        "{\"$ref\":\"https://example.org/schema\"}",
        "{\"type\":\"string\",\"pattern\":\"(?=a)b\"}",
        "{\"type\":\"string\",\"pattern\":\"((((a{1000}){1000}){1000}){1000})\"}",
        "{\"type\":\"object\",\"properties\":{\"a\":false},\"required\":[\"a\"]}",
        "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}",
        "{\"type\":\"object\""
      })
  void refusesWhatItCannotKeep(String schema) {
    assertThatThrownBy(() -> answer(Constraint.jsonSchema(schema), 20, 0))
        .isInstanceOf(ConstraintException.class);
  }

  @Test
  void saysThatAnAnswerWasCutWhereTheLimitIsTooLowForAny() {
    GenerationResult result = answer(Constraint.regex("[0-9]{200}"), 3, 0);

    assertThat(result.stopReason()).isEqualTo(StopReason.MAX_NEW_TOKENS);
    assertThat(result.text()).matches("[0-9]+");
  }
}
