package io.github.moa4j.core;

/**
 * The root of everything MoA4J throws for bad input or a broken file. The message says what was
 * wrong, where, what was expected and what to do, in at most 2,000 characters.
 */
public class MoaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private static final int LONGEST_MESSAGE = 2000;

  /** Creates an exception with a message for the user. */
  public MoaException(String message) {
    super(bounded(message));
  }

  /** Creates an exception with a message for the user and its cause. */
  public MoaException(String message, Throwable cause) {
    super(bounded(message), cause);
  }

  /** Cuts out the middle of what nobody reads; what was wrong and what to do stand at the ends. */
  private static String bounded(String message) {
    return message == null || message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE / 2)
            + " [...] "
            + message.substring(message.length() - LONGEST_MESSAGE / 4);
  }
}
