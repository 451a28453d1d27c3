package io.github.moa4j.router;

import io.github.moa4j.core.generation.TextStream;
import java.time.Duration;
import java.util.Iterator;

/**
 * An answer as it is generated. Close it when done: it holds native memory and keeps the adapter
 * version it started with. Reading to the end closes it as well.
 */
public final class AnswerStream implements Iterator<String>, AutoCloseable {

  private final TextStream text;
  private final HeldAdapters held;

  AnswerStream(TextStream text, HeldAdapters held) {
    this.text = text;
    this.held = held;
  }

  /** Returns which domain answers. Known before the first piece of text. */
  public RoutingDecision decision() {
    return held.decision();
  }

  @Override
  public boolean hasNext() {
    boolean more = false;
    try {
      more = text.hasNext();
      return more;
    } finally {
      if (!more) {
        close();
      }
    }
  }

  @Override
  public String next() {
    return text.next();
  }

  /** Asks the stream to end before its next token; may be called from any thread. */
  public void cancel() {
    text.cancel();
  }

  /** Reads to the end if need be, and returns the whole answer. */
  public Answer result() {
    try {
      Duration routing = held.duration();
      return new Answer(text.result(), held.decision(), routing);
    } finally {
      close();
    }
  }

  /** Ends the answer where it is and gives everything back. */
  @Override
  public void close() {
    text.close();
    held.close();
  }
}
