package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.config.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a configuration says, an adapter is read or refused, and nothing else happens. */
class HostileAdapterTest {

  private static final int TRIES = 300;
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "2147483648",
          "1e999",
          "NaN",
          "0.5",
          "\"\"",
          "\"(\"",
          "\"\\\\\"",
          "\"(.*)*(.*)*x\"",
          "\"\\ud800\"",
          "\"[[]]\"",
          "\"a{99999}{99999}\"",
          "\"(?P<idx>.*)\"",
          "\"all-linear\"",
          "\"x|layers\"",
          "[]",
          "[null]",
          "[[]]",
          "[-1]",
          "[1, 0]",
          "[\"q_proj\", \"q_proj\"]",
          "[\"\"]",
          "[\"lm_head\"]",
          "{}",
          "{\"\": 1}",
          "{\"q_proj\": null}",
          "{\"(?<!x)q_proj\": 2}",
          "{\"q_proj\": 1e300}",
          "{\"embed_tokens\": [1, 2]}",
          "[\"mlp.experts.down_proj\"]",
          "[\"gate_up_proj\", \"down_proj\"]");

  private static final Path ZOO = Path.of("src/test/resources/zoo/llama");
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private final JsonMapper mapper = new JsonMapper();
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"plain", "dora", "layer-list", "tokens-head", "head-embedding"})
  void everyConfigurationIsReadOrRefused(String kind) throws IOException {
    everyConfigurationIsReadOrRefused(ZOO.resolve(kind), ZOO.resolve("base"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixtral-expert-lora", "mixtral-parameter-lora"})
  void everyConfigurationOfExpertsIsReadOrRefused(String name) throws IOException {
    Path base = GOLDEN.resolve(name);
    everyConfigurationIsReadOrRefused(base.resolve("adapter"), base);
  }

  private void everyConfigurationIsReadOrRefused(Path source, Path baseFolder) throws IOException {
    Files.copy(
        source.resolve(PeftFormat.WEIGHTS),
        folder.resolve(PeftFormat.WEIGHTS),
        StandardCopyOption.REPLACE_EXISTING);
    JsonNode original = mapper.readTree(source.resolve(PeftFormat.CONFIG).toFile());
    List<String> keys = new ArrayList<>();
    original.fieldNames().forEachRemaining(keys::add);
    ModelConfig base = ModelConfig.read(baseFolder.resolve("config.json"));
    Random random = new Random(source.toString().hashCode());
    int refused = 0;
    for (int i = 0; i < TRIES; i++) {
      ObjectNode config = original.deepCopy();
      for (int change = 0; change <= random.nextInt(3); change++) {
        config.remove(keys.get(random.nextInt(keys.size())));
      }
      String text = config.toString();
      String key = keys.get(random.nextInt(keys.size()));
      String value = VALUES.get(random.nextInt(VALUES.size()));
      Files.writeString(
          folder.resolve(PeftFormat.CONFIG),
          config.has(key)
              ? text.replace(
                  mapper.writeValueAsString(key) + ":" + config.get(key),
                  mapper.writeValueAsString(key) + ":" + value)
              : text);
      try {
        PeftFormat.read(folder).checkFits(base);
      } catch (AdapterException e) {
        assertThat(e.getMessage()).hasSizeLessThan(2_000);
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
