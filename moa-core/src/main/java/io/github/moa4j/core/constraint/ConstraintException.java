package io.github.moa4j.core.constraint;

import io.github.moa4j.core.MoaException;

/** A schema or a pattern that answers cannot be held to; the message names what is the matter. */
public final class ConstraintException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception. */
  public ConstraintException(String message) {
    super(message);
  }

  /** Creates an exception with a cause. */
  public ConstraintException(String message, Throwable cause) {
    super(message, cause);
  }
}
