package io.github.moa4j.core;

/** A file of a checkpoint is missing, damaged, or does not hold what it should. */
public final class CheckpointException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names the file and what is wrong with it. */
  public CheckpointException(String message) {
    super(message);
  }

  /** Creates an exception that names the file and what is wrong with it, with its cause. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
