package io.github.moa4j.core.kernel.internal;

import io.github.moa4j.core.EngineClosedException;
import java.util.function.Supplier;

/**
 * Counts the native calls that are under way, so that what they use is taken down behind them and
 * never under them. Thread-safe.
 */
final class NativeCalls {

  /**
   * All calls of the process: its end takes the engine's libraries down, and a thread that still
   * runs them then would crash it.
   */
  private static final NativeCalls OF_THE_PROCESS = untilExit();

  private final String ended;
  private int running; // guarded by this
  private boolean closed; // guarded by this

  /**
   * Counts from zero.
   *
   * @param ended what a call is told that comes too late
   */
  NativeCalls(String ended) {
    this.ended = ended;
  }

  private static NativeCalls untilExit() {
    NativeCalls calls = new NativeCalls("The JVM is exiting: the engine takes no more work.");
    Runnable exit =
        () -> {
          EngineExit.run();
          calls.close();
        };
    Runtime.getRuntime().addShutdownHook(new Thread(exit, "moa4j-engine-exit"));
    return calls;
  }

  /**
   * Makes a native call.
   *
   * @throws EngineClosedException if what it needs is closed, or the JVM is exiting
   */
  <T> T run(Supplier<T> call) {
    OF_THE_PROCESS.enter();
    try {
      enter();
      try {
        return call.get();
      } finally {
        leave();
      }
    } finally {
      OF_THE_PROCESS.leave();
    }
  }

  private synchronized void enter() {
    requireOpen();
    running++;
  }

  /**
   * Checks that calls are still taken.
   *
   * @throws EngineClosedException if they are not
   */
  synchronized void requireOpen() {
    if (closed) {
      throw new EngineClosedException(ended);
    }
  }

  private synchronized void leave() {
    running--;
    notifyAll();
  }

  /** Refuses further calls, and waits for those that are under way. */
  synchronized void close() {
    closed = true;
    boolean interrupted = false;
    while (running > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
