package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.registry.AdapterLease;
import io.github.moa4j.core.registry.AdapterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The versions on trial by domain, and who gets them. Thread-safe. */
public final class Trials {

  private static final Logger logger = LoggerFactory.getLogger(Trials.class);

  private final AdapterRegistry registry;
  private final Map<String, Trial> byDomain = new ConcurrentHashMap<>();

  /** Creates none yet. */
  public Trials(AdapterRegistry registry) {
    this.registry = registry;
  }

  /** Begins a trial in place of an earlier one of the domain. */
  public void begin(String domain, Trial trial) {
    byDomain.put(domain, trial);
  }

  /** Ends the trial of a domain, if there is one. */
  public void end(String domain) {
    byDomain.remove(domain);
  }

  /** Ends the trial of a version, if there is one. */
  public void end(String domain, int version) {
    byDomain.computeIfPresent(domain, (name, trial) -> trial.version() == version ? null : trial);
  }

  /** Returns the trial of a domain. */
  public Optional<Trial> of(String domain) {
    return Optional.ofNullable(byDomain.get(domain));
  }

  /**
   * Takes hold of the version of a domain's adapter that a caller gets.
   *
   * @throws AdapterException if there is no such domain, or its adapter cannot be used
   */
  AdapterLease acquire(String domain, Optional<String> caller) {
    Trial trial = byDomain.get(domain);
    if (trial == null || !trial.takes(caller)) {
      return registry.acquire(domain);
    }
    try {
      return registry.acquire(domain, trial.version());
    } catch (AdapterException e) {
      if (byDomain.remove(domain, trial)) {
        logger.warn(
            "The trial of version {} of domain '{}' has ended: {}",
            trial.version(),
            domain,
            e.getMessage());
      }
      return registry.acquire(domain);
    }
  }
}
