package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.MixtureOfLoras;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A conversation that the model's chat template does not take is the client's mistake. */
@Timeout(120)
final class RefusedConversationsTest {

  private static final String CALL =
      """
      {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function",
        "function": {"name": "weather", "arguments": "{}"}}]}""";

  private static HttpResponse<String> ask(String template, String fields, String message)
      throws Exception {
    try (MixtureOfLoras mixture =
            MixtureOfLoras.builder(ServedMixture.directory()).chatTemplate(template).open();
        MoaServer server = MoaServer.start(mixture, ServerSettings.builder().port(0).build())) {
      return ServedMixture.ask(
          server,
          """
          {"model": "base", "max_tokens": 2, %s "messages":
            [{"role": "user", "content": "Hello"}, %s]}
          """
              .formatted(fields, message));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"stream\": true,"})
  void whatTheTemplateRaisesIsTold(String streamed) throws Exception {
    HttpResponse<String> reply =
        ask(
            "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not"
                + " supported') }}{% endif %}{{ m.content }}{% endfor %}",
            streamed, "{\"role\": \"system\", \"content\": \"Be brief\"}");
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(400);
    assertThat(reply.body()).contains("System role not supported", "\"param\":\"messages\"");
  }

  @Test
  void callsThatTheTemplateDoesNotWriteAreRefusedWithoutTheServersPaths() throws Exception {
    HttpResponse<String> reply =
        ask("{% for m in messages %}{{ m.content }}{% endfor %}", "", CALL);
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(400);
    assertThat(reply.body()).contains("writes no calls of tools").doesNotContain(".json", "/");
  }

  @Test
  void aDateThatIsNoneIsTheClientsMistake() throws Exception {
    HttpResponse<String> reply =
        ask(
            "{% for m in messages %}{{ m.content }}{% endfor %}",
            "\"chat_template_kwargs\": {\"strftime_now\": \"today\"},",
            "{\"role\": \"user\", \"content\": \"Hello\"}");
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(400);
    assertThat(reply.body()).contains("strftime_now", "2026-01-31");
  }
}
