package io.github.moa4j.spring;

import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.MixtureOfLoras;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;

/**
 * Tells whether the mixture can be read, and what it serves: up with the versions of its domains,
 * out of service if none of them is at hand.
 */
final class MixtureHealth extends AbstractHealthIndicator {

  private final MixtureOfLoras mixture;

  MixtureHealth(MixtureOfLoras mixture) {
    super("The mixture cannot be read");
    this.mixture = mixture;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    MixtureState stored = mixture.directory().state();
    Map<String, Integer> served = new LinkedHashMap<>();
    for (String domain : mixture.registry().domains()) {
      served.put(domain, mixture.registry().version(domain));
    }
    if (served.isEmpty() && !stored.domains().isEmpty()) {
      health.outOfService();
    } else {
      health.up();
    }
    health
        .withDetail("domains", served)
        .withDetail("base", mixture.base().fingerprint())
        .withDetail("residentBytes", mixture.registry().residentBytes());
  }
}
