package io.github.moa4j.core.generation;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An answer as it is generated: each element is a piece of text of at least one character, never
 * half a character. The model runs in the thread that pulls.
 *
 * <p>Close it when done, above all when leaving early: it owns native memory. Reading to the end
 * closes it as well. One thread reads at a time; {@link #cancel()} and {@link #close()} may come
 * from any other meanwhile, and the reader then finds the answer ended behind its present token.
 */
public final class TextStream implements Iterator<String>, AutoCloseable {

  private final DecodingBatch batch;
  private final AnswerRow row;
  private final ReentrantLock lock = new ReentrantLock(); // held while the model runs
  private final StringBuilder pending = new StringBuilder();
  private volatile boolean cancelled;
  private boolean closed;

  TextStream(DecodingBatch batch, List<AnswerRow> rows) {
    this.batch = batch;
    this.row = rows.get(0);
  }

  /** Whether more text comes; generates until there is some or the answer has ended. */
  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      while (pending.isEmpty() && !row.finished()) {
        if (cancelled) {
          pending.append(row.finish(StopReason.CANCELLED));
        } else {
          batch.step((text, index) -> pending.append(text), () -> cancelled);
        }
      }
      if (row.finished()) {
        close();
      }
      return !pending.isEmpty();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String next() {
    lock.lock();
    try {
      if (!hasNext()) {
        throw new NoSuchElementException("The answer has ended");
      }
      String text = pending.toString();
      pending.setLength(0);
      return text;
    } finally {
      lock.unlock();
    }
  }

  /** Asks the stream to end before its next token, or the next piece of a long prompt. */
  public void cancel() {
    cancelled = true;
  }

  /** Reads to the end if need be, and returns the whole answer. */
  public GenerationResult result() {
    lock.lock();
    try {
      while (hasNext()) {
        next();
      }
      return row.result();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the answer where it is and frees its native memory; waits for the token that another
   * thread is generating.
   */
  @Override
  public void close() {
    cancelled = true;
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        if (!row.finished()) {
          row.finish(StopReason.CANCELLED);
        }
        batch.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
