package io.github.moa4j.server;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureOfLoras;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what is answered, under the names that OpenTelemetry gives to generative models where it
 * has some. Tags are names of domains and of errors, never text of a request. Thread-safe.
 */
final class Metrics implements AutoCloseable {

  /** Seconds, as OpenTelemetry advises for durations of such requests. */
  private static final Duration[] DURATIONS =
      seconds(.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);

  private static final double[] TOKENS = {1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144};

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicInteger open = new AtomicInteger();

  Metrics(MixtureOfLoras mixture) {
    Gauge.builder("moa.requests.open", open, AtomicInteger::get)
        .description("Requests that are answered or wait for their turn")
        .register(registry);
    Gauge.builder("moa.adapters", mixture, m -> m.registry().domains().size())
        .description("Adapters that can answer")
        .register(registry);
    Gauge.builder("moa.adapters.resident", mixture, m -> m.registry().residentBytes())
        .description("Native memory of loaded adapters")
        .baseUnit("bytes")
        .register(registry);
  }

  /** Begins to measure a request. */
  Request begin(String operation) {
    open.incrementAndGet();
    return new Request(operation);
  }

  /** Counts a request that is refused before it is answered. */
  void refused(String code) {
    registry.counter("moa.requests.refused", "error.type", code).increment();
  }

  /** Returns everything in Prometheus's text format. */
  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    registry.close();
  }

  /** One request. */
  final class Request {

    private final long start = System.nanoTime();
    private final String operation;
    private String model = "";

    private Request(String operation) {
      this.operation = operation;
    }

    /** Counts one of its answers. */
    void answered(String by, Answer answer) {
      model = by;
      GenerationResult generation = answer.generation();
      Tags tags = tags();
      tokens(tags.and("gen_ai.token.type", "input"), generation.promptTokens());
      tokens(tags.and("gen_ai.token.type", "output"), generation.tokens().length);
      timer("gen_ai.server.time_to_first_token", tags)
          .record(generation.timings().timeToFirstToken());
      if (generation.tokens().length > 1) {
        timer("gen_ai.server.time_per_output_token", tags)
            .record(generation.decode().dividedBy(generation.tokens().length - 1));
      }
      timer("moa.queue", tags).record(generation.timings().queue());
      if (answer.decision().chosen().isEmpty()) {
        registry.counter("moa.abstentions", tags).increment();
      }
      DistributionSummary.builder("moa.routing.confidence")
          .tags(tags)
          .serviceLevelObjectives(.5, .6, .7, .8, .9, .95, .99, 1)
          .register(registry)
          .record(answer.decision().confidence());
    }

    private void tokens(Tags tags, int count) {
      DistributionSummary.builder("gen_ai.client.token.usage")
          .tags(tags)
          .serviceLevelObjectives(TOKENS)
          .register(registry)
          .record(count);
    }

    /**
     * Ends it.
     *
     * @param error what went wrong; empty if nothing did
     */
    void end(String error) {
      open.decrementAndGet();
      timer("gen_ai.server.request.duration", tags().and("error.type", error))
          .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }

    private Tags tags() {
      return Tags.of(
          "gen_ai.operation.name",
          operation,
          "gen_ai.provider.name",
          "moa4j",
          "gen_ai.response.model",
          model);
    }

    private Timer timer(String name, Tags tags) {
      return Timer.builder(name).tags(tags).serviceLevelObjectives(DURATIONS).register(registry);
    }
  }

  private static Duration[] seconds(double... values) {
    Duration[] durations = new Duration[values.length];
    for (int i = 0; i < values.length; i++) {
      durations[i] = Duration.ofMillis(Math.round(values[i] * 1000));
    }
    return durations;
  }
}
