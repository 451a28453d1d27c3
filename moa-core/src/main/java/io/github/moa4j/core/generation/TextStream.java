package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * An answer as it is generated: each element is a piece of text of at least one character, never
 * half a character. The generator does not wait for its reader: what is not read yet is kept, so
 * that nobody who reads slowly holds up anybody else.
 *
 * <p>Close it when leaving early, so that no more is generated. One thread reads at a time; {@link
 * #cancel()} and {@link #close()} may come from any other meanwhile, and the reader then finds the
 * answer ended.
 */
public final class TextStream implements Iterator<String>, AutoCloseable {

  private final Consumer<TextStream> canceller;
  private final Consumer<String> onText;
  private final CompletableFuture<GenerationResult> ended = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final Condition end = lock.newCondition(); // no token wakes those who wait for the last
  private final StringBuilder pending = new StringBuilder(); // guarded by lock
  private final List<GenerationResult.Token> pendingTokens = new ArrayList<>(); // guarded by lock
  private final List<GenerationResult.Token> readTokens = new ArrayList<>(); // guarded by lock
  private boolean promised; // that there is a next piece; guarded by lock
  private GenerationResult result; // guarded by lock
  private RuntimeException failure; // guarded by lock
  private volatile boolean cancelled;

  /**
   * Creates a stream.
   *
   * @param canceller told that the answer shall end
   */
  TextStream(Consumer<TextStream> canceller) {
    this.canceller = canceller;
    this.onText = pending::append;
  }

  /**
   * Creates a stream that passes its text on instead of keeping it.
   *
   * @param onText called by the generator's thread
   */
  TextStream(Consumer<TextStream> canceller, Consumer<String> onText) {
    this.canceller = canceller;
    this.onText = onText;
  }

  /**
   * Whether more text comes; waits until there is some or the answer has ended.
   *
   * @throws AnswerInterruptedException if the thread is interrupted; the answer is cancelled
   * @throws DeadlineExceededException if the request's time ended before the first token
   */
  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      while (pending.isEmpty() && !hasEnded()) {
        more.await();
      }
      if (failure != null) {
        throw failure;
      }
      promised = !pending.isEmpty();
      if (!promised) {
        readTokens();
      }
      return promised;
    } catch (InterruptedException e) {
      throw interrupted();
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
      promised = false;
      readTokens();
      return text;
    } finally {
      lock.unlock();
    }
  }

  private void readTokens() {
    readTokens.addAll(pendingTokens);
    pendingTokens.clear();
  }

  /**
   * Returns the tokens up to the last piece that was read, or to the end once it was met, which
   * this has not returned before; none where no log probabilities are asked for.
   */
  public List<GenerationResult.Token> tokens() {
    lock.lock();
    try {
      List<GenerationResult.Token> tokens = List.copyOf(readTokens);
      readTokens.clear();
      return tokens;
    } finally {
      lock.unlock();
    }
  }

  /** Asks that the answer end before its next token, or the next piece of a long prompt. */
  public void cancel() {
    if (!cancelled && !ended.isDone()) {
      cancelled = true;
      canceller.accept(this);
    }
  }

  boolean isCancelled() {
    return cancelled;
  }

  /**
   * Waits for the end, and returns the whole answer.
   *
   * @throws AnswerInterruptedException if the thread is interrupted; the answer is cancelled
   * @throws DeadlineExceededException if the request's time ended before the first token
   */
  public GenerationResult result() {
    lock.lock();
    try {
      while (!hasEnded()) {
        end.await();
      }
      pending.setLength(0);
      readTokens();
      if (failure != null) {
        throw failure;
      }
      return result;
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
  }

  private AnswerInterruptedException interrupted() {
    cancel();
    Thread.currentThread().interrupt();
    return new AnswerInterruptedException();
  }

  /**
   * Returns what comes of the answer. It is completed by the generator's only thread, which does
   * nothing else until the dependents have run: let them be asynchronous.
   */
  public CompletionStage<GenerationResult> ended() {
    return ended;
  }

  /** Ends the answer where it is, and waits until all it held has been given back. */
  @Override
  public void close() {
    cancel();
    lock.lock();
    try {
      while (!hasEnded()) {
        end.awaitUninterruptibly();
      }
      if (!promised) {
        pending.setLength(0);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean hasEnded() {
    return result != null || failure != null;
  }

  /** Takes more text, and the tokens it comes of where they are asked for. */
  void append(String text, List<GenerationResult.Token> tokens) {
    if (!text.isEmpty() || !tokens.isEmpty()) {
      lock.lock();
      try {
        pendingTokens.addAll(tokens);
        if (!text.isEmpty()) {
          tell(text);
          more.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Lets an error of what takes the text be that of this answer, and of no other. */
  private void tell(String text) {
    try {
      onText.accept(text);
    } catch (Error e) {
      throw new MoaException("What takes the text of the answer failed: " + e, e);
    }
  }

  /** Takes the whole answer. */
  void end(GenerationResult whole) {
    ended.complete(whole);
    end(whole, null);
  }

  /** Takes the reason why there is no answer. */
  void fail(RuntimeException reason) {
    ended.completeExceptionally(reason);
    end(null, reason);
  }

  private void end(GenerationResult whole, RuntimeException reason) {
    lock.lock();
    try {
      result = whole;
      failure = reason;
      more.signalAll();
      end.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
