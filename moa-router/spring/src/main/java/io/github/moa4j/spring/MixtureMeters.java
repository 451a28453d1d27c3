package io.github.moa4j.spring;

import io.github.moa4j.core.generation.GenerationResult.Timings;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;

/**
 * Meters of a mixture's answers, those of a generation under OpenTelemetry's names for GenAI. No
 * text of a prompt or an answer is in any. Thread-safe.
 */
public final class MixtureMeters {

  /** The name of this library in observations and meters. */
  static final String PROVIDER = "moa4j";

  private final MixtureOfLoras mixture;
  private final MeterRegistry registry;

  /** Creates the meters in a registry; one without registries in it keeps nothing. */
  public MixtureMeters(MixtureOfLoras mixture, MeterRegistry registry) {
    this.mixture = mixture;
    this.registry = registry;
    Gauge.builder("moa.adapters.resident", mixture, all -> all.registry().residentBytes())
        .description("Native memory of the adapters that are loaded")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("moa.adapters.leases", mixture, all -> all.registry().openLeases())
        .description("Adapters in use by answers under way")
        .register(registry);
  }

  /** Counts an answer. */
  public void answered(Question question, Answer answer) {
    Tags tags = tags(question, Responses.model(answer.decision(), question));
    Timings timings = answer.generation().timings();
    Duration first = timings.timeToFirstToken();
    registry.timer("gen_ai.server.time_to_first_token", tags).record(first);
    request(tags, first.plus(timings.decode()), "none");
    int later = answer.generation().tokens().length - 1;
    if (later > 0) {
      registry
          .timer("gen_ai.server.time_per_output_token", tags)
          .record(timings.decode().dividedBy(later));
    }
    registry.timer("moa.queue", Tags.empty()).record(timings.queue());
    DistributionSummary.builder("moa.routing.confidence")
        .tags("domain", answer.decision().chosen().orElse("none"))
        .register(registry)
        .record(answer.decision().confidence());
    answer
        .decision()
        .abstention()
        .ifPresent(why -> registry.counter("moa.abstentions", "reason", why.name()).increment());
  }

  /** Counts a question that was not answered; its time is not known. */
  void failed(Question question, RuntimeException failure) {
    request(tags(question, MoaChatOptions.AUTO), Duration.ZERO, failure.getClass().getSimpleName());
  }

  private void request(Tags tags, Duration time, String error) {
    registry.timer("gen_ai.server.request.duration", tags.and("error.type", error)).record(time);
  }

  /** A caller may name what is no domain, but not make a meter of it. */
  private Tags tags(Question question, String answered) {
    String asked = question.domain().orElse(MoaChatOptions.AUTO);
    boolean known = question.domain().isEmpty() || mixture.registry().contains(asked);
    return Tags.of(
        "gen_ai.operation.name",
        "chat",
        "gen_ai.provider.name",
        PROVIDER,
        "gen_ai.request.model",
        known ? asked : "unknown",
        "gen_ai.response.model",
        answered);
  }
}
