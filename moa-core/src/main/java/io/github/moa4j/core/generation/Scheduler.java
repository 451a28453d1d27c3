package io.github.moa4j.core.generation;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.internal.EngineThreads;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.PrefixStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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
  private static final long MOST_SETTLING = TimeUnit.MILLISECONDS.toNanos(2);

  private final PrefixStore prefixes; // only the engine's thread touches it
  private final ContinuousBatch batch; // only the engine's thread touches it
  private final int queue;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Elsewhere elsewhere;
  private final Slots slots; // only the engine's thread touches them
  private volatile TextGenerator.Load load = new TextGenerator.Load(0, 0, 0, 0);
  private final Deque<Runnable> inbox = new ArrayDeque<>(); // guarded by this
  private final Deque<FutureTask<?>> passes = new ArrayDeque<>(); // guarded by this
  private Thread thread; // guarded by this; null while there is none
  private boolean closed; // guarded by this

  Scheduler(BaseModel model, GenerationLimits limits, Slots slots) {
    this.queue = limits.queue();
    this.slots = slots;
    this.elsewhere = new Elsewhere(this::post);
    this.prefixes = new PrefixStore(model.unwrap(Decoder.class), limits.prefixBytes());
    BatchPass pass = new BatchPass(model, slots, prefixes);
    this.batch = new ContinuousBatch(pass, slots, waiting, elsewhere);
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

  /** Returns how it was after the last step. */
  TextGenerator.Load load() {
    TextGenerator.Load now = load;
    return new TextGenerator.Load(
        waiting.get(), now.running(), now.cacheBytes(), now.prefixBytes());
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
      thread = new Thread(this::work, "moa4j-generation");
      thread.setDaemon(true);
      thread.start();
    }
    notifyAll();
  }

  private void work() {
    EngineThreads.shareProcessors();
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
        arrived = takeArrived();
        pass = passes.poll();
      }
      try {
        arrived.forEach(Runnable::run);
        if (pass != null) {
          pass.run();
        }
        batch.begin();
        settle();
        busy = batch.finish() || pass != null;
      } catch (RuntimeException e) {
        batch.failAll(e);
      } catch (Error e) {
        batch.failAll(new MoaException("The answers under way have come to grief: " + e, e));
      }
      load =
          new TextGenerator.Load(0, slots.occupied(), slots.sizeInBytes(), prefixes.sizeInBytes());
    }
  }

  /**
   * Waits a moment for what other threads do for requests since this step began, so that whose
   * router and adapter are quick does not wait for a step of all others.
   */
  private void settle() {
    long end = System.nanoTime() + MOST_SETTLING;
    for (long left = MOST_SETTLING;
        batch.isAwaiting() && left > 0;
        left = end - System.nanoTime()) {
      List<Runnable> arrived;
      synchronized (this) {
        if (inbox.isEmpty()) {
          pause(left);
        }
        arrived = takeArrived();
      }
      arrived.forEach(Runnable::run);
    }
  }

  private synchronized List<Runnable> takeArrived() {
    List<Runnable> arrived = new ArrayList<>(inbox);
    inbox.clear();
    return arrived;
  }

  private synchronized void pause(long nanoseconds) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, nanoseconds);
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread.
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
      pause(left);
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
    elsewhere.close();
    prefixes.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
