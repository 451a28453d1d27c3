package io.github.moa4j.core.hub;

import java.time.Duration;

/**
 * How long a server may take.
 *
 * @param silence how long nothing may come of a connection
 * @param pause before an attempt is repeated; twice as long each time
 * @param longestPause what a server may ask to wait for at most
 * @param attempts how often something is tried without anything new having come
 */
record Patience(Duration silence, Duration pause, Duration longestPause, int attempts) {

  static final Patience USUAL =
      new Patience(Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofMinutes(5), 5);

  /** Waits before another attempt. */
  void rest(int failures) {
    sleep(pause.multipliedBy(1L << Math.min(failures - 1, 6)));
  }

  /** Waits for as long as a server asks. */
  static void sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static HubException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new HubException(
        "The download was interrupted; it goes on from here when it is asked for again.", e);
  }
}
