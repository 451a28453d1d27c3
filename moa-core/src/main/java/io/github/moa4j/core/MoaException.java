package io.github.moa4j.core;

/**
 * The root of everything MoA4J throws for bad input or a broken file. The message says what was
 * wrong, where, what was expected and what to do.
 */
public class MoaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception with a message for the user. */
  public MoaException(String message) {
    super(message);
  }

  /** Creates an exception with a message for the user and its cause. */
  public MoaException(String message, Throwable cause) {
    super(message, cause);
  }
}
