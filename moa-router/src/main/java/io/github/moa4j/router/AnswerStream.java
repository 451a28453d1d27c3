package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.TextStream;
import io.github.moa4j.core.tool.SpokenText;
import io.github.moa4j.router.answering.internal.OpenAnswer;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer as it is generated. The mixture does not wait for its reader: text that is not read yet
 * is kept. Close it when leaving early, so that no more is generated. One that is lost before it
 * has ended is ended when the garbage collector finds it, with a warning in the log.
 *
 * <p>One thread reads at a time. {@link #cancel} and {@link #close} may come from any other
 * meanwhile: the reader then finds the answer ended. If the mixture is closed before the answer has
 * ended, reading throws a {@link MixtureClosedException}; so it does with whatever else keeps the
 * answer from its end.
 */
public final class AnswerStream implements Iterator<String>, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(AnswerStream.class);

  private final OpenAnswer answer;
  private final Cleaner.Cleanable cleanable;
  private final SpokenText spoken;
  private String next = "";
  private boolean ended;

  AnswerStream(OpenAnswer answer, Cleaner cleaner) {
    this.answer = answer;
    this.spoken = answer.spoken();
    this.cleanable = cleaner.register(this, () -> abandoned(answer));
  }

  private static void abandoned(OpenAnswer answer) {
    if (!answer.hasEnded()) {
      answer.cancel();
      logger.warn(
          "An answer was lost while it was generated; it ends now. Close every AnswerStream, best by"
              + " try-with-resources.");
    }
  }

  /** Returns which domain answers. Known before the first piece of text. */
  public RoutingDecision decision() {
    return answer.held().decision();
  }

  /** Returns the adapters that answer, as in {@link Answer#adapters}. */
  public Map<String, Double> adapters() {
    return answer.held().shares();
  }

  /** Returns the versions of these adapters, as in {@link Answer#versions}. */
  public Map<String, Integer> versions() {
    return answer.held().versions();
  }

  /**
   * Whether more text comes; waits until there is some or the answer has ended.
   *
   * @throws MixtureClosedException if the mixture was closed before the answer had ended
   * @throws io.github.moa4j.core.generation.AnswerInterruptedException if the thread is interrupted
   *     while it waits; the answer is cancelled
   * @throws io.github.moa4j.core.generation.DeadlineExceededException if the time limit of the
   *     question's options was over before the first token
   */
  @Override
  public boolean hasNext() {
    while (next.isEmpty() && !ended) {
      if (read(TextStream::hasNext)) {
        next = spoken.add(read(TextStream::next));
      } else {
        answer.requireReported();
        next = spoken.end();
        ended = true;
      }
    }
    return !next.isEmpty();
  }

  /**
   * Returns the next piece of text, at least one character; waits as {@link #hasNext} does. Where
   * tools may be called, what may be a call is no text, and held back until it is known.
   *
   * @throws java.util.NoSuchElementException if the answer has ended
   */
  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The answer has ended");
    }
    String piece = next;
    next = "";
    return piece;
  }

  /**
   * Returns the tokens up to the last piece that was read, or to the end once it was met, which
   * this has not returned before; none where no log probabilities are asked for. Their text may
   * stand in a later piece, or in none, as that of a call.
   */
  public List<GenerationResult.Token> tokens() {
    return read(TextStream::tokens);
  }

  /** Asks the answer to end before its next token. */
  public void cancel() {
    answer.cancel();
  }

  /** Waits for the end, and returns the whole answer; it throws what {@link #hasNext} does. */
  public Answer result() {
    try {
      return answer.answer();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private <T> T read(Function<TextStream, T> reading) {
    try {
      return answer.read(reading);
    } finally {
      Reference.reachabilityFence(this); // else the last read of a lost stream could be cut short
    }
  }

  /** Ends the answer where it is, and waits until everything has been given back. */
  @Override
  public void close() {
    answer.close();
    cleanable.clean();
  }
}
