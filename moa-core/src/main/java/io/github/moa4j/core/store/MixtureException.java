package io.github.moa4j.core.store;

import io.github.moa4j.core.MoaException;

/** A mixture directory is missing, damaged, locked by another writer, or made for another base. */
public final class MixtureException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names the directory and what is wrong with it. */
  public MixtureException(String message) {
    super(message);
  }

  /** Creates an exception that names the directory and what is wrong with it, with its cause. */
  public MixtureException(String message, Throwable cause) {
    super(message, cause);
  }
}
