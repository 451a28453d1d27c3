package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked for beyond a limit is cut or refused, and the refusal says which limit it was. */
@Timeout(300)
final class LimitsTest {

  /** Keys and values of 1,024 tokens: two a layer and head, of 8 layers with 4 heads of 32. */
  private static final long ROOM_FOR_ONE = 1024L * 2 * 8 * 4 * 32 * Float.BYTES;

  private static HttpResponse<String> ask(MoaServer server, String fields, String question)
      throws Exception {
    return ServedMixture.ask(
        server,
        """
        {"model": "base", %s "messages": [{"role": "user", "content": "%s"}]}
        """
            .formatted(fields, question));
  }

  private static MoaServer serve(ServerSettings.Builder settings) {
    return MoaServer.start(ServedMixture.shared(), settings.port(0).build());
  }

  @Test
  void whoFindsTheQueueFullIsToldToComeAgain() throws Exception {
    Question atLength =
        Question.of("Hello")
            .inDomain("animals")
            .with(
                GenerationOptions.builder()
                    .maxNewTokens(1000)
                    .constraint(Constraint.choices(List.of(ClientsTest.letters(900))))
                    .build());
    try (MixtureOfLoras mixture =
            MixtureOfLoras.builder(ServedMixture.directory())
                .cacheMemoryBudget(ROOM_FOR_ONE)
                .queueLimit(1)
                .open();
        MoaServer server = MoaServer.start(mixture, ServerSettings.builder().port(0).build())) {
      try (AnswerStream answered = mixture.stream(atLength)) {
        CompletableFuture<Answer> waiting = mixture.generateAsync(atLength);
        HttpResponse<String> reply = ask(server, "", "Hello");
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(429);
        assertThat(reply.headers().firstValue("retry-after")).isPresent();
        assertThat(reply.body()).contains("rate_limit_error");
        waiting.cancel(true);
        assertThat(answered.decision().chosen()).hasValue("animals");
      }
      assertThat(ask(server, "\"max_tokens\": 2,", "Hello").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anAnswerHasNoMoreTokensThanTheServerAllows() throws Exception {
    try (MoaServer server = serve(ServerSettings.builder().mostNewTokens(3))) {
      HttpResponse<String> reply = ask(server, "\"max_tokens\": 500,", "The old house stood");
      assertThat(reply.body()).contains("\"completion_tokens\":3", "\"finish_reason\":\"length\"");
    }
  }

  @Test
  void moreChoicesThanAllowedAreRefused() throws Exception {
    try (MoaServer server = serve(ServerSettings.builder().mostChoices(2))) {
      HttpResponse<String> reply = ask(server, "\"n\": 3,", "Hello");
      assertThat(reply.statusCode()).isEqualTo(400);
      assertThat(reply.body()).contains("\"param\":\"n\"", "2");
    }
  }

  @Test
  void aPromptLongerThanTheContextIsRefused() throws Exception {
    try (MixtureOfLoras mixture =
            MixtureOfLoras.builder(ServedMixture.directory()).contextLength(32).open();
        MoaServer server = MoaServer.start(mixture, ServerSettings.builder().port(0).build())) {
      HttpResponse<String> reply = ask(server, "", "word ".repeat(40));
      assertThat(reply.statusCode()).isEqualTo(400);
      assertThat(reply.body()).contains("context_length_exceeded", "32");
    }
  }

  @Test
  void whatTakesTooLongIsCutOrRefused() throws Exception {
    try (MoaServer server = serve(ServerSettings.builder().timeLimit(Duration.ofNanos(1)))) {
      HttpResponse<String> reply = ask(server, "", "Hello");
      assertThat(reply.statusCode()).as(reply.body()).isEqualTo(504);
    }
  }

  @Test
  void limitsMayBeWithoutEnd() throws Exception {
    Duration forever = ChronoUnit.FOREVER.getDuration();
    MoaServer server =
        serve(ServerSettings.builder().timeLimit(forever).mostRequests(Integer.MAX_VALUE));
    try {
      HttpResponse<String> reply = ask(server, "\"max_tokens\": 2,", "Hello");
      assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    } finally {
      server.close(forever);
    }
  }
}
