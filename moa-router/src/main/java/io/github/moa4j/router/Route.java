package io.github.moa4j.router;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.registry.AdapterLease;
import java.time.Duration;
import java.util.Optional;

/** A decision and the adapter version that it holds on to; empty where the base answers alone. */
record Route(RoutingDecision decision, Optional<AdapterLease> lease, Duration duration)
    implements AutoCloseable {

  /** The adapter of this route over a prompt: whole, or from its invocation tokens on. */
  AdapterChoice choice(int[] prompt) {
    return lease
        .map(adapter -> AdapterChoice.of(adapter.weights(), adapter.config(), prompt))
        .orElseGet(AdapterChoice::base);
  }

  @Override
  public void close() {
    lease.ifPresent(AdapterLease::close);
  }
}
