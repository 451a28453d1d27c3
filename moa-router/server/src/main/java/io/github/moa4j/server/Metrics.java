package io.github.moa4j.server;

import io.github.moa4j.micrometer.MixtureMeters;
import io.github.moa4j.router.MixtureOfLoras;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Supplier;

/** The meters of the mixture, and what the server adds to them. Thread-safe. */
final class Metrics implements AutoCloseable {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MixtureMeters meters;

  Metrics(MixtureOfLoras mixture) {
    meters = MixtureMeters.bind(mixture, registry);
  }

  /** Shows how many requests are being answered. */
  void watch(Supplier<Number> answering) {
    Gauge.builder("moa.server.requests", answering)
        .description("Requests that are answered or wait for their turn, until they are read")
        .strongReference(true)
        .register(registry);
  }

  /** Counts a request that is not answered, or not to its end. */
  void refused(String code) {
    registry.counter("moa.requests.refused", "error.type", code).increment();
  }

  /** Returns everything in Prometheus's text format. */
  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    meters.close();
    registry.close();
  }
}
