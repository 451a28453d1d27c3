package io.github.moa4j.core.kernel.internal;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What has to end before the engine does when the JVM exits. The JVM runs its shutdown hooks side
 * by side: without this, the engine would refuse work that an application still wants to do.
 */
public final class EngineExit {

  private static final Set<Runnable> FIRST = ConcurrentHashMap.newKeySet();

  private EngineExit() {}

  /** Lets the engine's end at the JVM's exit wait until this has run. */
  public static void before(Runnable end) {
    FIRST.add(end);
  }

  /** Takes back what {@link #before} was told. */
  public static void forget(Runnable end) {
    FIRST.remove(end);
  }

  /** Runs all of them, side by side, and waits for them. */
  static void run() {
    List<Thread> threads = FIRST.stream().map(end -> new Thread(end, "moa4j-exit")).toList();
    threads.forEach(Thread::start);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
