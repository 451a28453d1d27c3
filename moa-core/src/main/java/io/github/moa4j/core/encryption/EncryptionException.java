package io.github.moa4j.core.encryption;

import io.github.moa4j.core.MoaException;

/** A file cannot be decrypted, as its key is not at hand or it is not what was encrypted. */
public final class EncryptionException extends MoaException {

  private static final long serialVersionUID = 1;

  /** Creates an exception with a message for the user. */
  public EncryptionException(String message) {
    super(message);
  }

  /** Creates an exception with a message for the user and its cause. */
  public EncryptionException(String message, Throwable cause) {
    super(message, cause);
  }
}
