package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;

/** A request needs more memory for keys and values than there may ever be. */
public final class CacheBudgetException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a request of {@code tokens} where {@code limit} of them fit. */
  public CacheBudgetException(long tokens, long limit) {
    super(
        "Prompt and answer of up to %d tokens need more memory for their keys and values than allowed, which is enough for %d tokens: shorten the prompt, ask for fewer new tokens, or allow more"
            .formatted(tokens, limit));
  }
}
