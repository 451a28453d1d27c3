package io.github.moa4j.core.model.internal;

import io.github.moa4j.core.model.PromptCancelledException;
import java.util.function.BooleanSupplier;

/**
 * How long prompts are cut, so that the memory of a pass does not grow with them: every token's
 * activations are bounded, and the mask of queries times keys is.
 *
 * @param length tokens a row of a piece
 * @param tokens tokens a row of the whole
 * @param cancelled asked between pieces
 */
record Pieces(int length, int tokens, BooleanSupplier cancelled) {

  private static final int TOKENS = 4096; // of a piece, over all rows
  private static final int MASK = 1 << 24; // queries times keys of a piece, over all rows
  private static final int FEWEST = 16;

  /**
   * Cuts a batch.
   *
   * @param past tokens a row that a cache holds already
   */
  static Pieces of(TokenBatch batch, int past, BooleanSupplier cancelled) {
    return new Pieces(length(batch.rows(), past + batch.length()), batch.length(), cancelled);
  }

  /** Returns how many tokens a row go through a layer at once. */
  static int length(int rows, int keys) {
    long byMask = MASK / ((long) rows * keys);
    return (int) Math.max(FEWEST, Math.min(TOKENS / rows, byMask));
  }

  /** Whether one pass takes it all. */
  boolean isOne() {
    return tokens <= length;
  }

  /** Returns where the piece ends that begins there. */
  int end(int from) {
    return Math.min(tokens, from + length);
  }

  /**
   * Ends a prompt that nobody waits for any more.
   *
   * @param done tokens that have been run; the first piece and a short prompt are always run
   * @throws PromptCancelledException if the caller or an interrupt of the thread says so
   */
  void checkCancelled(int done) {
    if (done > 0 && (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted())) {
      throw new PromptCancelledException(done, tokens);
    }
  }
}
