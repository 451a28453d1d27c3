package io.github.moa4j.micrometer;

import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.monitoring.AnswerObserver;
import io.github.moa4j.router.monitoring.MixtureStatus;
import io.github.moa4j.router.monitoring.ObservedAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * Meters of a mixture, under the names that OpenTelemetry gives to generative models where it has
 * some. Tags are names of domains, versions and exceptions, never text of a question or an answer.
 *
 * <pre>{@code
 * MixtureMeters.bind(mixture, registry);
 * }</pre>
 *
 * <p>They live as long as the mixture, unless they are closed before. Thread-safe.
 */
public final class MixtureMeters implements AutoCloseable {

  /** The name of this library as a provider of answers. */
  public static final String PROVIDER = "moa4j";

  /** What a question is tagged with whose domain the router is to find. */
  public static final String AUTO = "auto";

  /** What an answer is tagged with that the base gave alone. */
  public static final String BASE = "base";

  private static final String NONE = "none";
  private static final String CANCELLED = "cancelled";

  /** As OpenTelemetry advises for durations of such requests. */
  private static final Duration[] DURATIONS =
      Arrays.stream(
              new long[] {
                10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 81_920
              })
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private static final double[] TOKENS = {1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144};
  private static final double[] CONFIDENCES = {.5, .6, .7, .8, .9, .95, .99, 1};

  private final MixtureOfLoras mixture;
  private final MeterRegistry registry;
  private final boolean clients;
  private final AnswerObserver observer = this::ended;

  private MixtureMeters(MixtureOfLoras mixture, MeterRegistry registry, boolean clients) {
    this.mixture = mixture;
    this.registry = registry;
    this.clients = clients;
  }

  /** Meters all answers of a mixture from now on, and its state; once for each registry. */
  public static MixtureMeters bind(MixtureOfLoras mixture, MeterRegistry registry) {
    return bind(new MixtureMeters(mixture, registry, true));
  }

  /**
   * Does the same without the meters {@code gen_ai.client.*}, for an application whose framework
   * has these of its own calls.
   */
  public static MixtureMeters bindServing(MixtureOfLoras mixture, MeterRegistry registry) {
    return bind(new MixtureMeters(mixture, registry, false));
  }

  private static MixtureMeters bind(MixtureMeters meters) {
    meters.gauges();
    meters.mixture.observe(meters.observer);
    return meters;
  }

  private void gauges() {
    gauge("moa.adapters", "Adapters that can answer", null, s -> s.domains().size());
    gauge(
        "moa.adapters.resident",
        "Native memory of the adapters that are loaded",
        "bytes",
        MixtureStatus::residentBytes);
    gauge(
        "moa.adapters.leases",
        "Adapters in use by answers under way",
        null,
        MixtureStatus::adapterLeases);
    gauge(
        "moa.requests.open",
        "Requests that are answered or wait for their turn",
        null,
        MixtureStatus::openRequests);
    gauge(
        "moa.requests.waiting", "Questions that wait for their turn", null, MixtureStatus::waiting);
    gauge("moa.requests.running", "Sequences in the model's batch", null, MixtureStatus::running);
    gauge(
        "moa.cache",
        "Native memory of keys and values, of answers under way and of those kept",
        "bytes",
        status -> status.cacheBytes() + status.prefixBytes());
  }

  private void gauge(
      String name, String description, String unit, ToDoubleFunction<MixtureStatus> value) {
    Gauge.builder(name, mixture, all -> value.applyAsDouble(all.status()))
        .description(description)
        .baseUnit(unit)
        .register(registry);
  }

  private void ended(ObservedAnswer answer) {
    Tags tags = tags(answer);
    Tags outcome = tags.and("error.type", error(answer));
    timer("gen_ai.server.request.duration", outcome).record(answer.duration());
    if (clients) {
      timer("gen_ai.client.operation.duration", outcome).record(answer.duration());
    }
    if (answer.error().isPresent()) {
      return;
    }
    if (clients) {
      summary("gen_ai.client.token.usage", tags.and("gen_ai.token.type", "input"), TOKENS)
          .record(answer.promptTokens());
      summary("gen_ai.client.token.usage", tags.and("gen_ai.token.type", "output"), TOKENS)
          .record(answer.answerTokens());
    }
    if (answer.answerTokens() > 0) {
      timer("gen_ai.server.time_to_first_token", tags).record(answer.timings().timeToFirstToken());
    }
    if (answer.answerTokens() > 1) {
      timer("gen_ai.server.time_per_output_token", tags)
          .record(answer.timings().decode().dividedBy(answer.answerTokens() - 1L));
    }
    timer("moa.queue", tags).record(answer.timings().queue());
    timer("moa.routing", tags).record(answer.timings().routing());
    answer
        .confidence()
        .ifPresent(
            confidence -> summary("moa.routing.confidence", tags, CONFIDENCES).record(confidence));
    answer.abstention().ifPresent(why -> abstentions(tags.and("reason", why)).increment());
  }

  private static String error(ObservedAnswer answer) {
    boolean cancelled = answer.stopReason().filter(StopReason.CANCELLED::equals).isPresent();
    return answer.error().orElse(cancelled ? CANCELLED : NONE);
  }

  private static Tags tags(ObservedAnswer answer) {
    String version =
        answer.answered().map(answer.versions()::get).map(String::valueOf).orElse(NONE);
    String by = answer.error().isPresent() ? NONE : BASE;
    return Tags.of(
        "gen_ai.operation.name",
        "chat",
        "gen_ai.provider.name",
        PROVIDER,
        "gen_ai.request.model",
        answer.asked().orElse(AUTO),
        "gen_ai.response.model",
        answer.answered().orElse(by),
        "moa.adapter.version",
        version);
  }

  private Timer timer(String name, Tags tags) {
    return Timer.builder(name).tags(tags).serviceLevelObjectives(DURATIONS).register(registry);
  }

  /** By its builder: what {@code registry.counter} takes differs between releases of Micrometer. */
  private Counter abstentions(Tags tags) {
    return Counter.builder("moa.abstentions").tags(tags).register(registry);
  }

  private DistributionSummary summary(String name, Tags tags, double... buckets) {
    return DistributionSummary.builder(name)
        .tags(tags)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }

  /** Meters no further answer; the meters stay in their registry. */
  @Override
  public void close() {
    mixture.stopObserving(observer);
  }
}
