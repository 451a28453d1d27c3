package io.github.moa4j.router.monitoring;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a mixture is at one instant.
 *
 * @param directory where it lies
 * @param baseFingerprint of its base
 * @param opened when it was opened
 * @param domains by name
 * @param routed whether there is a router in use
 * @param residentBytes native memory of the adapters that are loaded
 * @param adapterLeases adapters in use by answers under way
 * @param openRequests requests that were taken in and have not ended
 * @param waiting questions that wait for their turn
 * @param running sequences in the model's batch
 * @param cacheBytes native memory of the keys and values of these
 * @param prefixBytes of the keys and values that are kept of ended answers
 * @param counts what it has done since it was opened
 */
public record MixtureStatus(
    Path directory,
    String baseFingerprint,
    Instant opened,
    Map<String, Domain> domains,
    boolean routed,
    long residentBytes,
    int adapterLeases,
    int openRequests,
    int waiting,
    int running,
    long cacheBytes,
    long prefixBytes,
    AnswerCounts counts) {

  /**
   * One domain.
   *
   * @param version of its adapter that answers
   * @param trial the version that answers a share of the callers; 0 if none does
   * @param resident whether the adapter is loaded
   */
  public record Domain(int version, int trial, boolean resident) {}

  /** Copies the domains, sorted by name. */
  public MixtureStatus {
    domains = Collections.unmodifiableMap(new TreeMap<>(domains));
  }
}
