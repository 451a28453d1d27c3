package io.github.moa4j.core.kernel.internal;

import ai.djl.pytorch.jni.JniUtils;

/**
 * How many threads the engine computes with: as many as it finds cores, but no more than the JVM
 * may use, since the engine knows nothing of a container's quota.
 *
 * <p>The threads of an operation wait for the last of them. If other processes want the processors
 * too, that one is often not running, and two threads get less done than one. A thread that serves
 * says so, and its operations then take no more threads than other processes leave processors,
 * looked up four times a second. Everything else takes all, or the equal share that the thread has
 * asked for: some operations round by the number of threads, and training, evaluation and
 * comparisons are to be reproducible.
 *
 * <p>A number that the application has chosen ({@code OMP_NUM_THREADS} or {@code MKL_NUM_THREADS}
 * in the environment, or the system property {@code ai.djl.pytorch.num_threads}) stays as it is.
 */
public final class EngineThreads {

  private static final long WINDOW_NANOS = 250_000_000;
  private static final int LONGEST_WINDOW = 8; // a mean over a long pause says nothing about now
  private static final ThreadLocal<Boolean> SHARES = ThreadLocal.withInitial(() -> false);
  private static final ThreadLocal<Integer> PARTS = ThreadLocal.withInitial(() -> 1);

  private final ThreadLocal<Integer> inUse = ThreadLocal.withInitial(() -> 0); // by this thread
  private final boolean chosen =
      System.getenv("OMP_NUM_THREADS") != null
          || System.getenv("MKL_NUM_THREADS") != null
          || System.getProperty("ai.djl.pytorch.num_threads") != null;
  private final int all =
      Math.min(JniUtils.getNumThreads(), Runtime.getRuntime().availableProcessors());
  private volatile int free = all;
  private volatile ProcessorTime last = ProcessorTime.now();

  private EngineThreads() {}

  /** Made once the engine is loaded: only then can it be asked. */
  private static final class OfTheProcess {
    private static final EngineThreads INSTANCE = new EngineThreads();
  }

  /** Lets the operations of the calling thread, from now on, leave other processes room. */
  public static void shareProcessors() {
    SHARES.set(true);
  }

  /** Lets the operations of the calling thread, from now on, take one of several equal parts. */
  public static void takeOneOf(int parts) {
    PARTS.set(parts);
  }

  /** Gives the calling thread's next operations their number of threads. */
  static void prepare() {
    OfTheProcess.INSTANCE.use(SHARES.get(), PARTS.get());
  }

  private void use(boolean shares, int parts) {
    if (chosen && parts == 1) {
      return;
    }
    int threads = Math.max(1, (shares && !chosen ? free() : all) / parts);
    if (inUse.get() != threads) {
      JniUtils.setNumThreads(threads); // of this thread, and of those that come
      inUse.set(threads);
    }
  }

  private int free() {
    if (all > 1 && System.nanoTime() - last.nanos() > WINDOW_NANOS) {
      look();
    }
    return free;
  }

  private synchronized void look() {
    ProcessorTime now = ProcessorTime.now();
    long window = now.nanos() - last.nanos();
    if (window > WINDOW_NANOS && window < LONGEST_WINDOW * WINDOW_NANOS) {
      free = Math.max(1, Math.min(all, (int) Math.round(now.leftSince(last))));
    }
    last = now;
  }
}
