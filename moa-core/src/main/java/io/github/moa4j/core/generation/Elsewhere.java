package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Does what takes its time, asking routers and fetching adapters, in a thread of its own, one after
 * the other in the order of asking; the thread ends after a minute without work.
 */
final class Elsewhere implements AutoCloseable {

  private final Consumer<Runnable> back;
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), Elsewhere::thread);

  /**
   * Starts no thread yet.
   *
   * @param back runs what follows, in the engine's thread
   */
  Elsewhere(Consumer<Runnable> back) {
    this.back = back;
    executor.allowCoreThreadTimeOut(true);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "moa4j-routing");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Does something elsewhere.
   *
   * @param then told in the engine's thread what was found
   * @param failed told there why it failed instead
   */
  <T> void run(Supplier<T> work, Consumer<T> then, Consumer<RuntimeException> failed) {
    executor.execute(
        () -> {
          try {
            T found = work.get();
            back.accept(() -> then.accept(found));
          } catch (RuntimeException e) {
            back.accept(() -> failed.accept(e));
          } catch (Error e) {
            MoaException failure = new MoaException("The request cannot be answered: " + e, e);
            back.accept(() -> failed.accept(failure));
          }
        });
  }

  /** Takes no more work. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
