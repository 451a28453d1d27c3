package io.github.moa4j.core.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.text.ToolCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ToolAnswerTest {

  private static final List<String> NAMES = List.of("weather", "get-time");

  private static ToolAnswer read(String answer) {
    return ToolAnswer.read(answer, NAMES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo }\\\"]\"}}\n</tool_call>",
        "<tool_call>{\"arguments\":{\"city\":\"Oslo }\\\"]\"},\"name\":\"weather\"}",
        "<|tool_call|>[{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo }\\\"]\"}}]<|/tool_call|>",
        "{\"name\": \"weather\", \"parameters\": {\"city\": \"Oslo }\\\"]\"}}",
        "<|python_tag|>{\"type\": \"function\", \"name\": \"weather\","
            + " \"parameters\": {\"city\": \"Oslo }\\\"]\"}}",
        "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo }\\\"]\"}}]",
        " [{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo }\\\"]\"}}]\n",
        "[TOOL_CALLS]weather[ARGS]{\"city\": \"Oslo }\\\"]\"}",
        "weather{\"city\": \"Oslo }\\\"]\"}",
        "{\"name\": \"weather\", \"arguments\": \"{\\\"city\\\": \\\"Oslo }\\\\\\\"]\\\"}\"}",
        "{\"type\":\"function\",\"function\":{\"name\":\"weather\","
            + "\"arguments\":{\"city\":\"Oslo }\\\"]\"}}}",
      })
  void readsTheFormsOfTheFamilies(String answer) {
    ToolAnswer read = read(answer);
    assertThat(read.text()).isEmpty();
    assertThat(read.calls()).hasSize(1);
    ToolCall call = read.calls().get(0);
    assertThat(call.name()).isEqualTo("weather");
    assertThat(call.arguments()).isEqualTo(Map.of("city", "Oslo }\"]"));
    assertThat(call.id()).matches("[A-Za-z0-9]{9}");
  }

  @Test
  void keepsWhatIsSaidBesideTheCallsAndTheirOrder() {
    ToolAnswer read =
        read(
            "Let me look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\":"
                + " \"Oslo\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"get-time\"}\n</tool_call>");
    assertThat(read.text()).isEqualTo("Let me look.");
    assertThat(read.calls()).extracting(ToolCall::name).containsExactly("weather", "get-time");
    assertThat(read.calls().get(1).arguments()).isEmpty();
    assertThat(read.message().callsTools()).isTrue();
    assertThat(read.message().content()).isEqualTo("Let me look.");
  }

  @Test
  void readsSeveralCallsOfEachForm() {
    assertThat(
            read("[{\"name\":\"weather\",\"arguments\":{},\"id\":\"abc\"},{\"name\":\"get-time\"}]")
                .calls())
        .extracting(ToolCall::id)
        .first()
        .isEqualTo("abc");
    assertThat(
            read("{\"name\":\"weather\",\"parameters\":{}}; {\"name\":\"get-time\",\"parameters\":{}}")
                .calls())
        .hasSize(2);
    assertThat(read("weather{\"a\":1}get-time{}").calls()).hasSize(2);
    assertThat(read("[TOOL_CALLS]weather[ARGS]{}[TOOL_CALLS]get-time[ARGS]{}").calls()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "The weather is fine.",
        "{\"name\": \"Ada\", \"age\": 36}",
        "{\"name\": \"unknown\", \"parameters\": {}}",
        "[]",
        "[1, 2]",
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Os",
        "<tool_call>weather</tool_call>",
        "<tool_call>{\"name\": 3}</tool_call>",
        "{\"name\": \"weather\", \"parameters\": {}} is what I would call",
        "weather {broken}",
        "Use <tool_call> to call.",
        "{{{{{{{{{{{{{{{{",
      })
  void whatIsNoCallIsText(String answer) {
    assertThat(read(answer)).isEqualTo(new ToolAnswer(answer, List.of()));
  }

  @Test
  void aMarkedCallOfAnUnknownToolIsTold() {
    assertThat(read("<tool_call>{\"name\": \"fly\", \"arguments\": {}}</tool_call>").calls())
        .extracting(ToolCall::name)
        .containsExactly("fly");
  }

  @Test
  void streamsWhatIsSaidAndNoPieceOfACall() {
    List<String> answers =
        List.of(
            "Let me look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {}}\n</tool_call>",
            "{\"name\": \"weather\", \"parameters\": {\"a\": [1, {}]}}",
            " [{\"name\":\"weather\",\"arguments\":{}}]",
            "weather{}",
            "I < you, <tool_calm> and {braces} [and] more ",
            "{\"name\": \"Ada\"}",
            "we ather",
            "  \n Well. ",
            "Use <tool_call> so.",
            "");
    for (String answer : answers) {
      ToolAnswer whole = read(answer);
      for (int size = 1; size <= 7; size++) {
        SpokenText spoken = new SpokenText(NAMES);
        StringBuilder told = new StringBuilder();
        for (int at = 0; at < answer.length(); at += size) {
          told.append(spoken.add(answer.substring(at, Math.min(answer.length(), at + size))));
        }
        told.append(spoken.end());
        assertThat(told.toString()).as("%s by %d", answer, size).isEqualTo(whole.text());
      }
    }
  }

  /** Cut anywhere, as by a limit, and told in two pieces, as they may come. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Gleich 😀.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Tromsø"
            + " \\\"中\\\" \\ud83d\\ude00 </tool_call>\"}}\n</tool_call>\n<tool_call>\n{\"name\":"
            + " \"get-time\", \"arguments\": {}}\n</tool_call>",
        "{\"name\": \"weather\", \"parameters\": {\"city\": \"Zürich }]\"}}",
        "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"a\": [{}, \"é\"]}, \"id\":"
            + " \"abcdefgh1\"}, {\"name\": \"get-time\", \"arguments\": {}}]",
        "[TOOL_CALLS]weather[ARGS]{\"city\": \"Oslo\"}[TOOL_CALLS]get-time[ARGS]{}",
        "<|python_tag|>{\"name\": \"weather\", \"parameters\": {\"city\": \"Oslo\"}}",
        "<tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\",}}</tool_call>",
      })
  void streamsEveryBeginningCutAtEveryPlace(String answer) {
    for (int end = 0; end <= answer.length(); end++) {
      String begun = answer.substring(0, end);
      String text = read(begun).text();
      for (int cut = 0; cut <= end; cut++) {
        SpokenText spoken = new SpokenText(NAMES);
        String told =
            spoken.add(begun.substring(0, cut)) + spoken.add(begun.substring(cut)) + spoken.end();
        assertThat(told).as("%s cut at %d", begun, cut).isEqualTo(text);
      }
    }
  }

  @Test
  void saysAtOnceWhatCannotBeACall() {
    SpokenText spoken = new SpokenText(NAMES);
    assertThat(spoken.add("The")).isEqualTo("The");
    assertThat(spoken.add(" weather")).isEqualTo(" weather");
    assertThat(spoken.add(" <")).isEmpty();
    assertThat(spoken.add("b>")).isEqualTo(" <b>");
    assertThat(new SpokenText(List.of()).add("{\"")).isEqualTo("{\"");
    SpokenText json = new SpokenText(NAMES);
    assertThat(json.add("{\"wea")).isEmpty();
    assertThat(json.add("ther\":")).isEqualTo("{\"weather\":");
    assertThat(new SpokenText(NAMES).add("[1, ")).isEqualTo("[1,");
  }
}
