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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
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

  /**
   * What Python does, point by point: every filter, test, operator and method on values of every
   * kind, slices, formats, errors, tags and white space.
   */
  @TestFactory
  List<DynamicTest> everyPartAsPythonHasIt() throws IOException {
    List<JsonNode> lines = lines("python.jsonl");
    Map<String, Object> variables = map(lines.get(0).get("variables"));
    Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
    for (JsonNode golden : lines.subList(1, lines.size())) {
      groups.computeIfAbsent(golden.get("group").asText(), g -> new ArrayList<>()).add(golden);
    }
    List<DynamicTest> tests = new ArrayList<>();
    groups.forEach(
        (group, goldens) ->
            tests.add(
                dynamicTest(
                    group + ", " + goldens.size(),
                    () ->
                        assertThat(goldens)
                            .allSatisfy(golden -> assertGolden(golden, variables)))));
    return tests;
  }

  /** Real numbers of all sizes: the fewest digits, rounding, formats. */
  @Test
  void realNumbersPrintAsPythonPrintsThem() throws IOException {
    assertThat(lines("floats.jsonl"))
        .allSatisfy(golden -> assertGolden(golden, map(golden.get("variables"))));
  }

  /** Tuples, escapes, joiners, arguments that no parameter takes, and other rarities. */
  @Test
  void raritiesAreAsInPython() throws IOException {
    assertThat(lines("cases.jsonl"))
        .allSatisfy(
            golden ->
                assertGolden(
                    golden, golden.has("variables") ? map(golden.get("variables")) : Map.of()));
  }

  private static void assertGolden(JsonNode golden, Map<String, Object> variables) {
    String template = golden.get("template").asText();
    if (golden.has("refused")) {
      assertThatThrownBy(() -> Template.parse(template).render(variables, CLOCK))
          .as(template)
          .isInstanceOf(TemplateException.class);
    } else {
      assertThat(Template.parse(template).render(variables, CLOCK))
          .as(template)
          .isEqualTo(golden.get("right").asText());
    }
  }

  private static List<JsonNode> lines(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : resource(name).split("\n", -1)) {
      if (!line.isBlank()) {
        lines.add(MAPPER.readTree(line));
      }
    }
    return lines;
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
