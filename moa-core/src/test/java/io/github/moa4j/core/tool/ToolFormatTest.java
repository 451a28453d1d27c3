package io.github.moa4j.core.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ToolFormatTest {

  private static final Map<String, Object> WEATHER =
      Map.of(
          "type",
          "function",
          "function",
          Map.of(
              "name",
              "weather",
              "parameters",
              Map.of(
                  "type",
                  "object",
                  "$defs",
                  Map.of("city", Map.of("enum", List.of("Oslo", "Rome"))),
                  "properties",
                  Map.of("city", Map.of("$ref", "#/$defs/city")),
                  "required",
                  List.of("city"))));
  private static final Map<String, Object> TIME = Map.of("name", "time");
  private static final List<Map<String, Object>> TOOLS = List.of(WEATHER, TIME);

  @Test
  void theTemplateTellsTheForm() {
    assertThat(ToolFormat.of("{{ '[TOOL_CALLS]' }}")).isEqualTo(ToolFormat.MISTRAL);
    assertThat(ToolFormat.of("<tool_call> tools \"parameters\"")).isEqualTo(ToolFormat.HERMES);
    assertThat(ToolFormat.of("{% if tools %} {\"name\": f, \"parameters\": d}"))
        .isEqualTo(ToolFormat.LLAMA);
    assertThat(ToolFormat.of("{{ messages }}")).isEqualTo(ToolFormat.HERMES);
  }

  @Test
  void whatIsForcedIsReadBack() {
    for (ToolFormat format : ToolFormat.values()) {
      for (ToolChoice choice : List.of(ToolChoice.required(), ToolChoice.named("weather"))) {
        Constraint constraint = format.constraint(TOOLS, choice);
        String answer = ShortestText.of(constraint);
        ToolAnswer read = ToolAnswer.read(answer, ToolFormat.names(TOOLS));
        assertThat(read.text()).as(answer).isEmpty();
        assertThat(read.calls()).as(answer).hasSize(1);
        if (choice.kind() == ToolChoice.Kind.NAMED) {
          assertThat(read.calls().get(0).arguments().get("city")).isIn("Oslo", "Rome");
        } else {
          assertThat(read.calls().get(0).name()).isEqualTo("time");
        }
      }
    }
  }

  @Test
  void saysWhatCannotBeForced() {
    assertThatThrownBy(() -> ToolFormat.HERMES.constraint(TOOLS, ToolChoice.named("fly")))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("'fly'", "[weather, time]");
    assertThatThrownBy(() -> ToolFormat.HERMES.constraint(List.of(), ToolChoice.required()))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("has none");
    assertThatThrownBy(() -> ToolFormat.names(List.of(Map.of("description", "x"))))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("no name");
    Map<String, Object> odd =
        Map.of(
            "name",
            "odd",
            "parameters",
            Map.of("not", Map.of("type", "object"), "properties", Map.of("a", true)));
    assertThatThrownBy(() -> ToolFormat.LLAMA.constraint(List.of(odd), ToolChoice.required()))
        .isInstanceOf(ConstraintException.class)
        .hasMessageContaining("\"not\"");
    assertThatThrownBy(() -> new ToolChoice(ToolChoice.Kind.NAMED, "", true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Map<String, Object> tool(Object parameters) {
    return Map.of("name", "f", "parameters", parameters);
  }

  @Test
  void holdsCallsToEveryKeywordOrRefusesItByName() {
    List<Map<String, Object>> none = List.of(tool(Map.of("type", "object")));
    assertThat(ShortestText.of(ToolFormat.LLAMA.constraint(none, ToolChoice.required())))
        .endsWith("\"parameters\":{}}");
    Map.of(
            Map.of("type", "object", "required", List.of("a")),
            "No text satisfies",
            Map.of("patternProperties", Map.of("^a", true)),
            "\"patternProperties\"",
            Map.of("not", Map.of()),
            "\"not\",",
            Map.of("type", "string"),
            "no schema of an object")
        .forEach(
            (schema, reason) ->
                assertThatThrownBy(
                        () ->
                            ToolFormat.HERMES.constraint(
                                List.of(tool(schema)), ToolChoice.named("f")))
                    .isInstanceOf(MoaException.class)
                    .hasMessageContaining(reason));
    assertThatThrownBy(() -> ToolFormat.names(List.of(TIME, TIME)))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("Two tools have the name 'time'");
  }

  @Test
  void makesOneCallAtMostWhereThatIsAsked() {
    Constraint one = ToolFormat.MISTRAL.constraint(TOOLS, ToolChoice.required().atMostOne());
    Constraint several = ToolFormat.MISTRAL.constraint(TOOLS, ToolChoice.required());
    assertThat(one).hasToString(several.toString().replace(",8,", ",1,"));
  }
}
