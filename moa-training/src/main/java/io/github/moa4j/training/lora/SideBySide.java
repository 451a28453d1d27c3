package io.github.moa4j.training.lora;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.internal.EngineThreads;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Trainings side by side, each in a thread of its own with an equal share of the engine's threads.
 * The operations of a small base are too short to be worth a second thread, so that trainings at
 * once, one thread each, get more done than one after the other; with a large base they do not, and
 * take as much memory more as each of them needs.
 *
 * <p>A training becomes what it becomes alone with that number of engine threads: some operations
 * round by it.
 */
public final class SideBySide {

  private SideBySide() {}

  /**
   * Trains, several at a time, and returns when all are done. If one fails, no other begins; those
   * under way come to their end and are handed over before the failure is thrown.
   *
   * @param <C> what is learnt from
   * @param <R> what comes of it
   * @param atOnce how many at a time; processors beyond those of the machine bring nothing
   * @param training runs in a thread of its own
   * @param done takes each result in the calling thread, in the order in which they come
   * @throws io.github.moa4j.core.MoaException if a training or what takes its result fails so
   */
  public static <C, R> void run(
      List<C> courses, int atOnce, Function<C, R> training, Consumer<R> done) {
    if (atOnce < 1) {
      throw new IllegalArgumentException("At least one training runs at a time, not " + atOnce);
    }
    AtomicBoolean failed = new AtomicBoolean();
    ExecutorService threads =
        Executors.newFixedThreadPool(atOnce, work -> new Thread(work, "moa4j-training"));
    ExecutorCompletionService<Runnable> finished = new ExecutorCompletionService<>(threads);
    RuntimeException failure = null;
    try {
      for (C course : courses) {
        finished.submit(
            () -> {
              if (failed.get()) {
                return () -> {};
              }
              EngineThreads.takeOneOf(atOnce);
              boolean trained = false;
              try {
                R result = training.apply(course);
                trained = true;
                return () -> done.accept(result);
              } finally {
                if (!trained) {
                  failed.set(true);
                }
              }
            });
      }
      for (int i = 0; i < courses.size(); i++) {
        try {
          result(finished::take).run();
        } catch (RuntimeException e) {
          failed.set(true);
          failure = failure == null ? e : failure;
        }
      }
    } finally {
      threads.shutdown();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Somewhere a training can be waited for. */
  @FunctionalInterface
  interface Wait<T> {
    Future<T> await() throws InterruptedException;
  }

  /**
   * Returns what a training gives, or throws what it has thrown. An interruption does not end the
   * wait, since the training uses what the caller closes, but is told the thread afterwards.
   */
  static <T> T result(Wait<T> wait) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.await().get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new MoaException("Training failed: " + e.getCause().getMessage(), e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
