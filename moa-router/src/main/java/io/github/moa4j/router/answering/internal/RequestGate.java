package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.kernel.internal.EngineExit;
import io.github.moa4j.router.MixtureClosedException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets requests reach a mixture's native memory until the mixture closes: first new requests are
 * refused, then all work, and once nobody is at work any more the memory can be freed. Thread-safe.
 *
 * <p>A request is open from its first to its last piece of work, and at work only while it runs the
 * model. So an application may keep an answer, or think about one, for as long as it likes: neither
 * the end of the mixture nor that of the JVM waits for it.
 */
public final class RequestGate {

  private static final Logger logger = LoggerFactory.getLogger(RequestGate.class);

  private final String mixture;
  private final Runnable generatorEnd;
  private final Thread exitHook = new Thread(this::close, "moa4j-exit");
  private final Set<OpenAnswer> answers = new HashSet<>(); // guarded by this
  private int calls; // open requests that are no answers; guarded by this
  private int working; // guarded by this
  private boolean refusing; // guarded by this
  private boolean closed; // guarded by this
  private boolean freed; // guarded by this
  private Runnable patientExit = exitHook; // which nobody but the JVM runs

  /**
   * Creates an open gate.
   *
   * @param generatorEnd ends the answers that are under way, and waits until they have
   */
  public RequestGate(String mixture, Runnable generatorEnd) {
    this.mixture = mixture;
    this.generatorEnd = generatorEnd;
  }

  /**
   * Runs a request of one call.
   *
   * @throws MixtureClosedException if the mixture is closing
   */
  public <T> T request(Supplier<T> call) {
    synchronized (this) {
      if (refusing) {
        throw closed();
      }
      calls++;
    }
    try {
      return call.get();
    } finally {
      synchronized (this) {
        calls--;
        notifyAll();
      }
    }
  }

  /** Returns how many requests are open. */
  public synchronized int open() {
    return calls + answers.size();
  }

  /** Takes in an answer, whose request stays open until it leaves. */
  synchronized void add(OpenAnswer answer) {
    requireOpen();
    answers.add(answer);
  }

  synchronized void remove(OpenAnswer answer) {
    answers.remove(answer);
    notifyAll();
  }

  /**
   * Works with native memory, which stays until the work is done.
   *
   * @throws MixtureClosedException if the mixture is closed before the work, or while it fails
   */
  public <T> T work(Supplier<T> work) {
    synchronized (this) {
      requireOpen();
      working++;
    }
    try {
      return work.get();
    } catch (EngineClosedException e) { // at the end of the JVM before this gate's own
      throw closed();
    } catch (RuntimeException e) {
      requireOpen(); // what was cut short may fail in any way
      throw e;
    } finally {
      endWork();
    }
  }

  private synchronized void endWork() {
    working--;
    notifyAll();
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw closed();
    }
  }

  /** Returns what a caller is told of a closed mixture. */
  MixtureClosedException closed() {
    return new MixtureClosedException(mixture);
  }

  /** Refuses new requests, and gives those that are open some time to end by themselves. */
  public synchronized void drain(Duration patience) {
    refusing = true;
    long start = System.nanoTime();
    while (!(calls == 0 && answers.isEmpty()) && !closed) {
      long left = millisLeft(patience, start);
      if (left <= 0) {
        return;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static long millisLeft(Duration patience, long start) {
    return TimeUnit.MILLISECONDS.convert(patience.minusNanos(System.nanoTime() - start));
  }

  /**
   * Refuses all work, and waits until none is under way: what is being generated ends at its next
   * token. Interrupts do not end the wait, since the caller frees what the work uses.
   */
  public void close() {
    awaitWork();
    generatorEnd.run();
  }

  private synchronized void awaitWork() {
    refusing = true;
    closed = true;
    notifyAll();
    boolean interrupted = false;
    while (working > 0) {
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

  /**
   * Closes when the JVM exits: the engine's libraries would crash if they were taken down under a
   * thread that runs them.
   *
   * @param patience how long the exit waits for the mixture's owner to close it before
   */
  public void closeAtExit(Duration patience) {
    if (!patience.isZero()) {
      patientExit =
          () -> {
            awaitFreed(patience);
            close();
          };
      EngineExit.before(patientExit);
      return;
    }
    try {
      Runtime.getRuntime().addShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      close(); // it is exiting already
    }
  }

  private synchronized void awaitFreed(Duration patience) {
    long start = System.nanoTime();
    long left = millisLeft(patience, start);
    while (!freed && left > 0) {
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      left = millisLeft(patience, start);
    }
  }

  /** Lets the JVM exit without this gate. */
  public void forgetExit() {
    synchronized (this) {
      freed = true;
      notifyAll();
    }
    EngineExit.forget(patientExit);
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      logger.trace("The JVM is exiting", e);
    }
  }
}
