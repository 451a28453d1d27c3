package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionTokenLogprob;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Log probabilities as a program sees them that was written for OpenAI's service. */
@Timeout(300)
@SuppressWarnings("deprecation") // the client has no other way to a value it does not allow
final class LogProbsTest {

  private static final String PARIS = "Paris is the capital of France.";

  private static MoaServer server;
  private static OpenAIClient client;

  @BeforeAll
  static void serve() {
    server = MoaServer.start(ServedMixture.shared(), ServerSettings.builder().port(0).build());
    client = ServedMixture.client(server);
  }

  @AfterAll
  static void end() {
    client.close();
    server.close();
  }

  private static ChatCompletionCreateParams.Builder chat() {
    return ChatCompletionCreateParams.builder()
        .model("capitals")
        .addUserMessage(ServedMixture.CAPITAL)
        .maxCompletionTokens(40);
  }

  private static CompletionCreateParams.Builder completion() {
    return CompletionCreateParams.builder()
        .model("capitals")
        .prompt(ServedMixture.CAPITAL)
        .maxTokens(40);
  }

  private static String spelt(List<ChatCompletionTokenLogprob> tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ChatCompletionTokenLogprob token : tokens) {
      token.bytes().orElseThrow().forEach(b -> bytes.write(b.intValue()));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aChatTellsEachTokenAndTheMostProbableOnes() {
    ChatCompletion.Choice choice =
        client
            .chat()
            .completions()
            .create(chat().logprobs(true).topLogprobs(3).build())
            .choices()
            .get(0);
    List<ChatCompletionTokenLogprob> tokens =
        choice.logprobs().orElseThrow().content().orElseThrow();

    assertThat(choice.message().content()).hasValue(PARIS);
    assertThat(spelt(tokens)).isEqualTo(PARIS);
    for (ChatCompletionTokenLogprob token : tokens) {
      assertThat(token.logprob()).isBetween(Math.log(0.5), 0.0);
      assertThat(token.topLogprobs()).hasSize(3);
      assertThat(token.topLogprobs().get(0).token()).isEqualTo(token.token());
      assertThat(token.topLogprobs().get(0).logprob()).isEqualTo(token.logprob());
      assertThat(token.topLogprobs().get(1).logprob()).isNegative();
      assertThat(token.topLogprobs().stream().mapToDouble(top -> Math.exp(top.logprob())).sum())
          .isBetween(0.5, 1.0001);
    }
  }

  @Test
  void theChosenTokensAloneAreToldToo() {
    ChatCompletion.Choice choice =
        client.chat().completions().create(chat().logprobs(true).build()).choices().get(0);
    List<ChatCompletionTokenLogprob> tokens =
        choice.logprobs().orElseThrow().content().orElseThrow();
    assertThat(spelt(tokens)).isEqualTo(PARIS);
    assertThat(tokens).allMatch(token -> token.topLogprobs().isEmpty());
  }

  @Test
  void nothingIsToldUnasked() {
    assertThat(client.chat().completions().create(chat().build()).choices().get(0).logprobs())
        .isEmpty();
    assertThat(client.completions().create(completion().build()).choices().get(0).logprobs())
        .isEmpty();
  }

  @Test
  void aStreamedChatTellsThemWithTheText() {
    List<ChatCompletionTokenLogprob> whole =
        client
            .chat()
            .completions()
            .create(chat().logprobs(true).topLogprobs(2).build())
            .choices()
            .get(0)
            .logprobs()
            .orElseThrow()
            .content()
            .orElseThrow();
    List<ChatCompletionTokenLogprob> streamed = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(chat().logprobs(true).topLogprobs(2).build())) {
      chunks.stream()
          .flatMap(chunk -> chunk.choices().stream())
          .forEach(
              choice -> {
                text.append(choice.delta().content().orElse(""));
                choice.logprobs().flatMap(told -> told.content()).ifPresent(streamed::addAll);
                assertThat(spelt(streamed)).startsWith(text.toString());
              });
    }
    assertThat(text.toString()).isEqualTo(PARIS);
    assertThat(streamed.stream().map(ChatCompletionTokenLogprob::token))
        .containsExactlyElementsOf(whole.stream().map(token -> token.token()).toList());
  }

  @Test
  void aCompletionTellsThemWithTheirPlaces() {
    Completion reply =
        client
            .completions()
            .create(
                completion()
                    .promptOfArrayOfStrings(List.of(ServedMixture.CAPITAL, ServedMixture.CAPITAL))
                    .logprobs(2)
                    .build());
    assertThat(reply.choices()).hasSize(2);
    reply.choices().forEach(choice -> assertPlaced(choice.text(), choice.logprobs().orElseThrow()));
  }

  private static void assertPlaced(
      String text, com.openai.models.completions.CompletionChoice.Logprobs told) {
    List<String> tokens = told.tokens().orElseThrow();
    assertThat(String.join("", tokens)).isEqualTo(PARIS).isEqualTo(text);
    assertThat(told.tokenLogprobs().orElseThrow())
        .hasSameSizeAs(tokens)
        .allMatch(logProb -> logProb <= 0);
    assertThat(told.topLogprobs().orElseThrow()).hasSameSizeAs(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      int offset = told.textOffset().orElseThrow().get(i).intValue();
      assertThat(text.substring(offset)).startsWith(tokens.get(i));
      assertThat(told.topLogprobs().orElseThrow().get(i)._additionalProperties())
          .hasSize(2)
          .containsKey(tokens.get(i));
    }
  }

  @Test
  void theTokensOfACallAreToldAtItsEnd() {
    ChatCompletion.Choice choice =
        client
            .chat()
            .completions()
            .create(
                chat()
                    .logprobs(true)
                    .putAdditionalBodyProperty(
                        "tools",
                        JsonValue.from(
                            List.of(
                                Map.of(
                                    "type", "function", "function", Map.of("name", "find_city")))))
                    .putAdditionalBodyProperty("tool_choice", JsonValue.from("required"))
                    .build())
            .choices()
            .get(0);
    assertThat(choice.message().toolCalls()).isPresent();
    assertThat(spelt(choice.logprobs().orElseThrow().content().orElseThrow()))
        .contains("find_city");
  }

  @Test
  void refusesWhatItCannotTell() {
    assertThatThrownBy(() -> client.chat().completions().create(chat().topLogprobs(2).build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("'top_logprobs' needs 'logprobs'");
    assertThatThrownBy(
            () -> client.chat().completions().create(chat().logprobs(true).topLogprobs(21).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class, e -> assertThat(e.param()).hasValue("top_logprobs"));
    assertThatThrownBy(() -> client.completions().create(completion().logprobs(6).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class, e -> assertThat(e.param()).hasValue("logprobs"));
    assertThatThrownBy(
            () -> client.completions().create(completion().logprobs(1).echo(true).build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("echo");
  }
}
