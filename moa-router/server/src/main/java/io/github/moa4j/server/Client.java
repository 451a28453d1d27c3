package io.github.moa4j.server;

import io.github.moa4j.router.access.Caller;
import java.util.Optional;

/**
 * Who has sent a request.
 *
 * @param caller as whom it asks; empty where the server knows no keys
 * @param admin whether it may read metrics and change adapters; it sees all domains then
 */
record Client(Optional<Caller> caller, boolean admin) {

  /** Whoever reaches a server without keys. */
  static final Client ANYBODY = new Client(Optional.empty(), true);

  boolean sees(String domain) {
    return caller.map(who -> who.sees(domain)).orElse(true);
  }

  /** Whether there are domains that it does not see, or would not if there were any. */
  boolean isRestricted() {
    return caller.flatMap(Caller::domains).isPresent();
  }
}
