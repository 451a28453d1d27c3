package io.github.moa4j.core.constraint;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas that are refused, or made into a constraint, in little time. */
@Timeout(60)
final class HostileSchemaTest {

  private static String many(int count, IntFunction<String> part) {
    return IntStream.range(0, count).mapToObj(part).collect(joining(","));
  }

  /** Each definition names the next one twice. */
  private static String doubling(String keyword) {
    return """
    {"$ref": "#/$defs/0", "$defs": {%s, "40": {"type": "integer"}}}"""
        .formatted(
            many(
                40,
                i ->
                    """
                    "%1$d": {"%2$s": [{"$ref": "#/$defs/%3$d"}, {"$ref": "#/$defs/%3$d"}]}"""
                        .formatted(i, keyword, i + 1)));
  }

  @Test
  void whatIsTooMuchIsRefused() {
    Map<String, String> refused =
        Map.ofEntries(
            Map.entry("{\"items\":".repeat(900) + "{}" + "}".repeat(900), "nesting depth"),
            Map.entry(doubling("allOf"), "references are too many"),
            Map.entry(doubling("anyOf"), "references are too many"),
            Map.entry(doubling("oneOf"), "references are too many"),
            Map.entry("{\"$ref\": \"#\"}", "nothing but itself"),
            Map.entry("{\"$ref\": \"#/%zz\"}", "#/%zz"),
            Map.entry("{\"$ref\": \"#/a\"}", "leads to nothing"),
            Map.entry("{\"enum\": [" + many(50_000, i -> "\"v" + i * 7919L + "\"") + "]}", "large"),
            Map.entry("{\"type\": \"string\", \"minLength\": 1e9}", "minLength"),
            Map.entry("{\"pattern\": \"^([ab]c){9999}$\", \"maxLength\": 99999}", "too large"),
            Map.entry("{\"pattern\": \"" + "(".repeat(3000) + ")".repeat(3000) + "\"}", "((("),
            Map.entry("{\"pattern\": \"^(a{999}b){999}$\", \"maxLength\": 1e6}", "too large"),
            Map.entry("{\"type\": \"integer\", \"minimum\": 1e999999999}", "minimum"),
            Map.entry("{\"oneOf\": [" + many(2000, i -> "{\"minimum\": 1}") + "]}", "oneOf"),
            Map.entry("{\"oneOf\": [{\"const\": 1}, {\"enum\": [2, 1]}]}", "may hold at once"));
    refused.forEach(
        (schema, reason) ->
            assertThatThrownBy(() -> Constraint.jsonSchema(schema))
                .as(schema.substring(0, Math.min(80, schema.length())))
                .isInstanceOf(ConstraintException.class)
                .hasMessageContaining(reason)
                .message()
                .hasSizeLessThan(500));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"string\", \"maxLength\": 1e9}",
        "{\"type\": \"string\", \"minLength\": 100000}",
        "{\"type\": \"array\", \"minItems\": 1000000}",
        "{\"pattern\": \"^(a{1000}){1000}$\"}",
        "{\"pattern\": \"^[a-z]{1,100000}$\", \"minLength\": 2000}",
        "{\"pattern\": \"^(?:(?:a?b?){1000}){1000}$\"}",
      })
  void howOftenSomethingMayBeRepeatedDoesNotMatter(String schema) {
    assertThat(Constraint.jsonSchema(schema)).isNotNull();
  }

  @Test
  void whatIsManyButPlainIsTaken() {
    assertThat(
            Constraint.jsonSchema(
                "{\"oneOf\": [" + many(3000, i -> "{\"const\":" + i + "}") + "]}"))
        .isNotNull();
    assertThat(Constraint.jsonSchema("{\"pattern\": \"^(a|b)*a(a|b){15}$\", \"maxLength\": 100}"))
        .isNotNull();
  }

  /** What a reader of schemas could pass over, and then write what no validator takes. */
  @Test
  void whatWouldBeTakenForSomethingElseIsRefused() {
    Map.ofEntries(
            Map.entry("{\"type\": null}", "\"type\" must be one of"),
            Map.entry("{\"type\": []}", "\"type\" must be one of"),
            Map.entry("{\"type\": [[\"string\"]]}", "\"type\" must be one of"),
            Map.entry("{\"not\": {}}", "\"not\", which an answer cannot be held to"),
            Map.entry("{\"enum\": [1, {\"a\": [NaN]}]}", "finite"),
            Map.entry(
                "{\"properties\": {\"x\": {\"$id\": \"s\", \"$ref\": \"#/$defs/y\"}},"
                    + " \"$defs\": {\"y\": {}}}",
                "\"$id\" within it"),
            Map.entry("{\"type\": \"integer\", \"minimum\": 1e20}", "15 digits"),
            Map.entry("{\"minItems\": 3, \"maxItems\": 2}", "No text satisfies"),
            Map.entry("{\"pattern\": \"^(aa)*$\", \"minLength\": 3, \"maxLength\": 3}", "No text"))
        .forEach(
            (schema, reason) ->
                assertThatThrownBy(() -> Constraint.jsonSchema(schema))
                    .as(schema)
                    .isInstanceOf(ConstraintException.class)
                    .hasMessageContaining(reason));
    assertThat(Constraint.jsonSchema("{\"type\": \"integer\", \"const\": 1.0}")).isNotNull();
    assertThat(Constraint.jsonSchema("{\"$id\": \"https://a/b\", \"type\": \"null\"}")).isNotNull();
  }
}
