package io.github.moa4j.core.signing;

import io.github.moa4j.core.MoaException;

/** A key cannot be used, or a folder is not what its signature says. */
public final class SigningException extends MoaException {

  private static final long serialVersionUID = 1;

  /** Creates an exception with a message for the user. */
  public SigningException(String message) {
    super(message);
  }

  /** Creates an exception with a message for the user and its cause. */
  public SigningException(String message, Throwable cause) {
    super(message, cause);
  }
}
