package io.github.moa4j.core.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Golden texts, rendered by Jinja2 3.1.6 (Python) in its sandbox with {@code trim_blocks}, {@code
 * lstrip_blocks}, the loop controls and the functions that transformers adds, on 26 July 2024.
 */
class TemplateGoldenTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2024-07-26T12:00:00Z"), ZoneOffset.UTC);
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Templates with the constructs of each model family, for conversations of many shapes. */
  @TestFactory
  List<DynamicTest> conversationsOfEachFamily() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : MAPPER.readTree(resource("conversations.json"))) {
      String file = golden.get("template").asText();
      Template template = Template.parse(resource(file));
      Map<String, Object> variables = map(golden.get("variables"));
      tests.add(
          dynamicTest(
              file + ", " + golden.get("conversation").asText(),
              () -> {
                if (golden.has("refused")) {
                  assertThatThrownBy(() -> template.render(variables, CLOCK))
                      .isInstanceOf(TemplateException.class)
                      .hasMessageEndingWith(golden.get("refused").asText());
                } else {
                  assertThat(template.render(variables, CLOCK))
                      .isEqualTo(golden.get("expected").asText());
                }
              }));
    }
    return tests;
  }

  /** Expressions, statements and white space, generated at random. */
  @TestFactory
  List<DynamicTest> partsOfTheLanguage() throws IOException {
    JsonNode file = MAPPER.readTree(resource("language.json"));
    Map<String, Object> variables = map(file.get("variables"));
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : file.get("cases")) {
      String template = golden.get("template").asText();
      tests.add(
          dynamicTest(
              template,
              () ->
                  assertThat(Template.parse(template).render(variables, CLOCK))
                      .isEqualTo(golden.get("expected").asText())));
    }
    return tests;
  }

  private static Map<String, Object> map(JsonNode node) {
    return MAPPER.convertValue(node, new TypeReference<Map<String, Object>>() {});
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = TemplateGoldenTest.class.getResourceAsStream("/templates/" + name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
