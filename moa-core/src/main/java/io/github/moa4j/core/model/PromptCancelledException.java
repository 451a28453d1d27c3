package io.github.moa4j.core.model;

import io.github.moa4j.core.MoaException;

/** A long prompt was given up between two pieces of it: the caller or an interrupt said so. */
public final class PromptCancelledException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a prompt of {@code tokens}, of which some had been run. */
  public PromptCancelledException(int done, int tokens) {
    super(
        "The prompt was cancelled, by its caller or an interrupt of its thread, after %d of %d tokens"
            .formatted(done, tokens));
  }
}
