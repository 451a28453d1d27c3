package io.github.moa4j.router;

import io.github.moa4j.core.generation.TextStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer as it is generated. Close it when done: it holds native memory and keeps the adapter
 * version it started with. Reading to the end closes it as well. One that is lost without either is
 * closed when the garbage collector finds it, with a warning in the log.
 *
 * <p>One thread reads at a time. {@link #cancel} and {@link #close} may come from any other
 * meanwhile: the reader then finds the answer ended behind its present token. If the mixture is
 * closed before the answer has ended, reading throws a {@link MixtureClosedException}.
 */
public final class AnswerStream implements Iterator<String>, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(AnswerStream.class);

  private final OpenAnswer answer;
  private final Cleaner.Cleanable cleanable;

  AnswerStream(OpenAnswer answer, Cleaner cleaner) {
    this.answer = answer;
    this.cleanable = cleaner.register(this, () -> abandoned(answer));
  }

  private static void abandoned(OpenAnswer answer) {
    if (!answer.hasEnded()) {
      answer.close();
      if (answer.hasEnded()) {
        logger.warn(
            "An answer was lost without being read to its end or closed; what it held is given back"
                + " now. Close every AnswerStream, best by try-with-resources.");
      }
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

  /**
   * Whether more text comes; generates until there is some or the answer has ended.
   *
   * @throws MixtureClosedException if the mixture was closed before the answer had ended
   */
  @Override
  public boolean hasNext() {
    boolean more = false;
    try {
      more = read(TextStream::hasNext);
      return more;
    } finally {
      if (!more) {
        close();
      }
    }
  }

  /**
   * Returns the next piece of text, at least one character.
   *
   * @throws java.util.NoSuchElementException if the answer has ended
   * @throws MixtureClosedException if the mixture was closed before the answer had ended
   */
  @Override
  public String next() {
    return read(TextStream::next);
  }

  /** Asks the stream to end before its next token. */
  public void cancel() {
    answer.cancel();
  }

  /**
   * Reads to the end if need be, and returns the whole answer.
   *
   * @throws MixtureClosedException if the mixture was closed before the answer had ended
   */
  public Answer result() {
    try {
      return answer.held().answer(read(TextStream::result));
    } finally {
      close();
    }
  }

  private <T> T read(Function<TextStream, T> reading) {
    try {
      return answer.read(reading);
    } finally {
      Reference.reachabilityFence(this); // else the last read of a lost stream could be cut short
    }
  }

  /** Ends the answer where it is and gives everything back. */
  @Override
  public void close() {
    answer.close();
    cleanable.clean();
  }
}
