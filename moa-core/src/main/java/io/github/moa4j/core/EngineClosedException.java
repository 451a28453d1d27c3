package io.github.moa4j.core;

/** Thrown where the engine takes no more work: the model was closed, or the JVM is exiting. */
public final class EngineClosedException extends MoaException {

  private static final long serialVersionUID = 1;

  /** Creates an exception that says what has ended. */
  public EngineClosedException(String message) {
    super(message);
  }
}
