package io.github.moa4j.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.testing.SmallMixture;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Meters in a real registry, of a mixture that answers. */
class MixtureMetersTest {

  private static final String COW = "What does the cow say?";

  @TempDir private static Path folder;
  private static Path directory;

  @BeforeAll
  static void train() {
    directory = SmallMixture.hardlyTrained(folder.resolve("mixture"));
  }

  @Test
  void metersAnswersUnderTheNamesOfOpenTelemetryAndNoText() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).abstentionThreshold(0).open()) {
      MixtureMeters.bind(mixture, registry);
      Question question = Question.of(COW).with(GenerationOptions.greedy(6));

      Answer named = mixture.generate(question.inDomain("animals"));
      Answer routed = mixture.generate(question);
      assertThatThrownBy(() -> mixture.generate(question.inDomain("cows " + COW)))
          .isInstanceOf(AdapterException.class);

      int tokens = named.generation().tokens().length;
      assertThat(
              registry
                  .get("gen_ai.client.token.usage")
                  .tag("gen_ai.token.type", "output")
                  .tag("gen_ai.request.model", "animals")
                  .summary()
                  .totalAmount())
          .isEqualTo(tokens);
      assertThat(
              registry
                  .get("gen_ai.client.token.usage")
                  .tag("gen_ai.token.type", "input")
                  .tag("gen_ai.request.model", "auto")
                  .summary()
                  .totalAmount())
          .isEqualTo(routed.generation().promptTokens());
      for (String timer :
          new String[] {"gen_ai.client.operation.duration", "gen_ai.server.request.duration"}) {
        assertThat(registry.get(timer).tag("error.type", "none").timers())
            .hasSize(2)
            .allMatch(each -> each.count() == 1);
        assertThat(registry.get(timer).tag("error.type", "UnknownDomainException").timer().count())
            .isEqualTo(1);
      }
      assertThat(registry.get("gen_ai.server.time_to_first_token").timers()).hasSize(2);
      assertThat(registry.find("gen_ai.server.time_per_output_token").timers()).isNotEmpty();
      assertThat(registry.get("moa.queue").timers()).hasSize(2);
      assertThat(registry.get("moa.routing.confidence").summary().max())
          .isEqualTo(routed.decision().confidence());
      assertThat(registry.get("moa.adapters").gauge().value()).isEqualTo(2);
      assertThat(registry.get("moa.adapters.resident").gauge().value())
          .isEqualTo((double) mixture.registry().residentBytes())
          .isPositive();
      assertThat(registry.get("moa.requests.open").gauge().value()).isZero();
      assertThat(registry.getMeters())
          .flatExtracting(meter -> meter.getId().getTags())
          .extracting(Tag::getValue)
          .noneMatch(value -> value.contains("cow"));
      assertThat(registry.getMeters())
          .extracting(Meter::getId)
          .extracting(Meter.Id::getName)
          .allMatch(name -> name.startsWith("gen_ai.") || name.startsWith("moa."));
    }
  }

  @Test
  void leavesTheClientsMetersToOthersAndEndsWhenClosed() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).open()) {
      MixtureMeters meters = MixtureMeters.bindServing(mixture, registry);
      Question question = Question.of(COW).inDomain("animals").with(GenerationOptions.greedy(6));
      mixture.generate(question);
      meters.close();
      mixture.generate(question);

      assertThat(registry.get("gen_ai.server.request.duration").timer().count()).isEqualTo(1);
      assertThat(registry.getMeters())
          .noneMatch(meter -> meter.getId().getName().startsWith("gen_ai.client"));
    }
  }

  @Test
  void tellsAnAnswerThatIsCancelled() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).open()) {
      MixtureMeters.bind(mixture, registry);
      try (AnswerStream answer =
          mixture.stream(
              Question.of(COW).inDomain("animals").with(GenerationOptions.greedy(900)))) {
        answer.next();
        answer.cancel();
        assertThat(answer.result().generation().stopReason()).isEqualTo(StopReason.CANCELLED);
      }
      assertThat(
              registry
                  .get("gen_ai.server.request.duration")
                  .tag("error.type", "cancelled")
                  .timer()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void countsAnswersOfTheBaseAlone() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).abstentionThreshold(1).open()) {
      MixtureMeters.bind(mixture, registry);
      Answer answer =
          mixture.generate(
              Question.of("Write a poem about the sea").with(GenerationOptions.greedy(4)));

      assertThat(answer.decision().chosen()).isEmpty();
      assertThat(registry.get("moa.abstentions").counter().count()).isEqualTo(1);
      assertThat(
              registry
                  .get("gen_ai.server.request.duration")
                  .tag("gen_ai.response.model", "base")
                  .timer()
                  .count())
          .isEqualTo(1);
    }
  }
}
