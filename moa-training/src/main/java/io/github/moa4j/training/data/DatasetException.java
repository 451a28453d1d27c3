package io.github.moa4j.training.data;

import io.github.moa4j.core.MoaException;

/** A file or folder of examples is missing or does not hold what it should. */
public final class DatasetException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names the file, the line, what is wrong and what was expected. */
  public DatasetException(String message) {
    super(message);
  }

  /** Creates an exception that names the file, the line, what is wrong, with its cause. */
  public DatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
