package io.github.moa4j.core.registry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How many leases are open, for those who wait until none is. Thread-safe. */
final class LeaseCount {

  private int open;

  synchronized void begin() {
    open++;
  }

  synchronized void end() {
    open--;
    notifyAll();
  }

  synchronized int open() {
    return open;
  }

  /** Waits until no lease is open; returns whether that came to pass in time. */
  synchronized boolean awaitNone(Duration timeout) throws InterruptedException {
    long start = System.nanoTime();
    while (open > 0) {
      long millis = TimeUnit.MILLISECONDS.convert(timeout.minusNanos(System.nanoTime() - start));
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }
}
