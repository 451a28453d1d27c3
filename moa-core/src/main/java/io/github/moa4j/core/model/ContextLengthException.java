package io.github.moa4j.core.model;

import io.github.moa4j.core.MoaException;

/** A sequence is longer than the model's context. */
public final class ContextLengthException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a sequence of {@code tokens} in a context of {@code limit}. */
  public ContextLengthException(int tokens, int limit) {
    super(
        "%d tokens do not fit the model's context of %d: shorten the input, or ask for fewer new tokens"
            .formatted(tokens, limit));
  }

  /** Creates an exception for an input that is so long that its tokens were not even counted. */
  public ContextLengthException(int limit) {
    super(
        "The input is far too long for the model's context of %d tokens: shorten it"
            .formatted(limit));
  }
}
