package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;

/**
 * The thread that waited for an answer was interrupted. The answer is cancelled, and the thread's
 * interrupted status is set again.
 */
public final class AnswerInterruptedException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for an answer that somebody waited for. */
  public AnswerInterruptedException() {
    super("The thread was interrupted while it waited for an answer, which is cancelled with it.");
  }
}
