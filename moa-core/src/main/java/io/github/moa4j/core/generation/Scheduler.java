package io.github.moa4j.core.generation;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.BaseModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Joins all callers of a model into one batch, which one thread works at: it starts with the first
 * request, sleeps while there is nothing to do, and ends at {@link #close} or after a minute of
 * sleep. A second one asks routers and fetches adapters, so that they hold up no token.
 * Thread-safe.
 */
final class Scheduler implements AutoCloseable {

  private static final long MOST_SLEEP = TimeUnit.MINUTES.toNanos(1);

  private final ContinuousBatch batch; // only the engine's thread touches it
  private final int queue;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ThreadPoolExecutor outside;
  private final Deque<Runnable> inbox = new ArrayDeque<>(); // guarded by this
  private final Deque<FutureTask<?>> passes = new ArrayDeque<>(); // guarded by this
  private Thread thread; // guarded by this; null while there is none
  private boolean closed; // guarded by this

  Scheduler(BaseModel model, GenerationLimits limits, Slots slots) {
    this.queue = limits.queue();
    this.outside =
        new ThreadPoolExecutor(
            1,
            1,
            MOST_SLEEP,
            TimeUnit.NANOSECONDS,
            new LinkedBlockingQueue<>(),
            work -> daemon(work, "moa4j-routing"));
    outside.allowCoreThreadTimeOut(true);
    BatchPass pass = new BatchPass(model, slots);
    this.batch = new ContinuousBatch(pass, slots, waiting, outside, this::post);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Takes a request in.
   *
   * @throws QueueFullException if too many are waiting
   * @throws EngineClosedException if this is closed
   */
  void submit(ScheduledAnswer answer) {
    if (waiting.incrementAndGet() > queue) {
      waiting.decrementAndGet();
      throw new QueueFullException(queue);
    }
    synchronized (this) {
      if (closed) {
        waiting.decrementAndGet();
        throw ended();
      }
      post(() -> batch.accept(answer));
    }
  }

  /** Asks that a request end. */
  void cancel(TextStream stream) {
    post(() -> batch.cancel(stream));
  }

  /**
   * Runs a pass of the model between two steps, and waits for what it finds.
   *
   * @throws EngineClosedException if this is closed
   * @throws AnswerInterruptedException if the thread is interrupted meanwhile
   */
  <T> T pass(Callable<T> pass) {
    FutureTask<T> task = new FutureTask<>(pass);
    synchronized (this) {
      if (closed) {
        throw ended();
      }
      passes.add(task);
      wake();
    }
    try {
      return task.get();
    } catch (CancellationException e) {
      throw ended();
    } catch (InterruptedException e) {
      task.cancel(false);
      Thread.currentThread().interrupt();
      throw new AnswerInterruptedException();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new MoaException("A pass of the model failed: " + e.getCause(), e.getCause());
    }
  }

  private static EngineClosedException ended() {
    return new EngineClosedException("The generator is closed.");
  }

  /** Runs something in the engine's thread, before its next step. */
  private synchronized void post(Runnable work) {
    if (!closed || thread != null) { // else there is nothing left that it could be about
      inbox.add(work);
      wake();
    }
  }

  private synchronized void wake() {
    if (thread == null) {
      thread = daemon(this::work, "moa4j-generation");
      thread.start();
    }
    notifyAll();
  }

  private void work() {
    boolean busy = false;
    while (true) {
      List<Runnable> arrived;
      FutureTask<?> pass;
      synchronized (this) {
        if (!busy && !sleep()) {
          thread = null;
          notifyAll();
          return;
        }
        arrived = new ArrayList<>(inbox);
        inbox.clear();
        pass = passes.poll();
      }
      try {
        arrived.forEach(Runnable::run);
        if (pass != null) {
          pass.run();
        }
        busy = batch.step() || pass != null;
      } catch (RuntimeException e) {
        batch.failAll(e);
      } catch (Error e) {
        batch.failAll(new MoaException("The answers under way have come to grief: " + e, e));
      }
    }
  }

  /**
   * Waits for something to do.
   *
   * @return false if the thread shall end
   */
  private synchronized boolean sleep() {
    long end = System.nanoTime() + MOST_SLEEP;
    while (inbox.isEmpty() && passes.isEmpty() && !(closed && batch.isEmpty())) {
      long now = System.nanoTime();
      long left = Math.min(end - now, batch.nextDeadline().orElse(end) - now);
      if (left <= 0) {
        return !batch.isEmpty();
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt this thread.
      }
    }
    return !(inbox.isEmpty() && passes.isEmpty());
  }

  /** Fails what is under way, and waits until no thread is at work any more. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      passes.forEach(pass -> pass.cancel(false));
      passes.clear();
      post(() -> batch.failAll(ended()));
    }
    boolean interrupted = false;
    while (thread != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    outside.shutdown();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
