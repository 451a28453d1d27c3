package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;

/** A router cannot be fitted or read, or does not fit the base model or the prompt's states. */
public final class RouterException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names what is wrong and what to do. */
  public RouterException(String message) {
    super(message);
  }

  /** Creates an exception that names what is wrong and what to do, with its cause. */
  public RouterException(String message, Throwable cause) {
    super(message, cause);
  }
}
