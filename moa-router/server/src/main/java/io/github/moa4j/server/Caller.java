package io.github.moa4j.server;

import java.util.Optional;
import java.util.Set;

/**
 * Who asks.
 *
 * @param name for logs and metrics
 * @param domains the domains that may answer; empty for all
 * @param admin whether it may read metrics and change adapters
 */
record Caller(String name, Optional<Set<String>> domains, boolean admin) {

  /** Whoever reaches a server without keys. */
  static final Caller ANYBODY = new Caller("anybody", Optional.empty(), true);

  boolean sees(String domain) {
    return domains.isEmpty() || domains.get().contains(domain);
  }
}
