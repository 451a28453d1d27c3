package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not honoured is refused, by its name. */
final class RequestReaderTest {

  private static final String TOOL =
      """
      {"type": "function", "function": {"name": "f", "parameters": %s}}""";

  private static Asked read(String fields) {
    String body =
        """
        {"model": "auto", "messages": [{"role": "user", "content": "Hello"}], %s}"""
            .formatted(fields);
    return new RequestReader(ServerSettings.defaults()).chat(body.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<?, ?> error(String fields) {
    ApiError error = catchThrowableOfType(ApiError.class, () -> read(fields));
    assertThat(error).as(fields).isNotNull();
    assertThat(error.status()).as(fields).isEqualTo(400);
    Map<?, ?> told = (Map<?, ?>) error.body().get("error");
    assertThat(told.get("type")).isEqualTo("invalid_request_error");
    return told;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "parallel_tool_calls": "no"         | parallel_tool_calls    | true or false
          "reasoning_effort": "high"          | reasoning_effort       | not supported
          "verbosity": "low"                  | verbosity              | not supported
          "store": true                       | store                  | not supported
          "user": {"id": 1}                   | user                   | a string
          "metadata": "x"                     | metadata               | an object
          "stream_options": {}                | stream_options         | needs 'stream'
          "tools": [null]                     | tools[0]               | is missing
          "tools": [[]]                       | tools[0]               | is []
          "n": 100000000                      | n                      | from 1 to 8
          "logit_bias": {"1": 2}              | logit_bias             | not supported
          "temperature": NaN                  | temperature            | a number
          "temperatur": 1                     | temperatur             | Unrecognized
          "guided_grammar": "x"               | guided_grammar         | Unrecognized
          "response_format": {"type": "xml"}  | response_format.type   | json_schema
          "guided_json": {"not": {}}          | guided_json            | "not"
          "guided_json": {"minItems": 2, "maxItems": 1} | guided_json  | No text satisfies
          "guided_json": {"type": []}         | guided_json            | must be one of
          """)
  void namesWhatIsWrong(String fields, String param, String reason) {
    Map<?, ?> error = error(fields);
    assertThat(error.get("param")).isEqualTo(param);
    assertThat((String) error.get("message")).contains(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"string\"}",
        "{\"not\": {}}",
        "{\"type\": \"object\", \"patternProperties\": {}}",
        "{\"required\": [\"a\"]}"
      })
  void parametersThatNoForcedCallCanHaveAreRefused(String parameters) {
    String tool = TOOL.formatted(parameters);
    assertThat(error("\"tools\": [" + tool + "], \"tool_choice\": \"required\"").get("param"))
        .isEqualTo("tools");
  }

  @Test
  void twoToolsOfOneNameAreRefused() {
    String tool = TOOL.formatted("{}");
    assertThat((String) error("\"tools\": [" + tool + ", " + tool + "]").get("message"))
        .contains("Two tools have the name 'f'");
  }

  @Test
  void callsMayBeAskedForOneAtATime() {
    String tools = "\"tools\": [" + TOOL.formatted("{}") + "], \"tool_choice\": \"required\"";
    assertThat(read(tools).toolChoice().single()).isFalse();
    assertThat(read(tools + ", \"parallel_tool_calls\": true").toolChoice().single()).isFalse();
    assertThat(read(tools + ", \"parallel_tool_calls\": false").toolChoice().single()).isTrue();
  }

  @Test
  void whatChangesNothingIsPassedOver() {
    Asked asked =
        read(
            """
            "user": "x", "metadata": {"a": "b"}, "store": false, "service_tier": "auto",
            "reasoning_effort": "none", "logit_bias": {}, "functions": [], "stop": null,
            "stream": true, "stream_options": {"include_usage": true}""");
    assertThat(asked.streamed()).isTrue();
    assertThat(asked.countsStreamed()).isTrue();
  }

  @Test
  void anEmptyListOfTextsIsNoMessage() {
    String body =
        """
        {"model": "auto", "messages": [{"role": "user", "content": []}]}""";
    ApiError error =
        catchThrowableOfType(
            ApiError.class,
            () ->
                new RequestReader(ServerSettings.defaults())
                    .chat(body.getBytes(StandardCharsets.UTF_8)));
    assertThat(error).hasMessageContaining("'messages[0].content' is []");
  }

  @Test
  void quotesNoMoreThanAPieceOfWhatIsWrong() {
    assertThat(ApiError.noModel("x".repeat(5000)).getMessage()).hasSizeLessThan(400);
  }
}
