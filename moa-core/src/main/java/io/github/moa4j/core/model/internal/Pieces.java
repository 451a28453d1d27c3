package io.github.moa4j.core.model.internal;

import io.github.moa4j.core.model.PromptCancelledException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * How batches are cut, so that the memory of a pass does not grow with the prompts: the tokens of a
 * pass are bounded, and so is the mask of a sequence's queries times its keys.
 */
final class Pieces {

  /** Tokens of a pass; more make no product faster. */
  static final int TOKENS = 1024;

  private static final int MASK = 1 << 22; // queries times keys of one sequence in a pass
  private static final int FEWEST = 16;

  private Pieces() {}

  /**
   * Some tokens of one sequence of a batch.
   *
   * @param row index of the sequence
   * @param from index of the first token in it
   * @param end index behind the last
   */
  record Span(int row, int from, int end) {

    int length() {
      return end - from;
    }
  }

  /**
   * Cuts a batch into passes. No sequence's last token is left for a pass of its own, which
   * multiplies a single token in another order.
   *
   * @param past tokens of each sequence that a cache holds already
   */
  static List<List<Span>> of(TokenBatch batch, int[] past) {
    List<List<Span>> pieces = new ArrayList<>();
    List<Span> piece = new ArrayList<>();
    int tokens = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int from = 0;
      while (from < batch.length(row)) {
        int most = length(past[row] + batch.length(row));
        int end = Math.min(batch.length(row), from + most);
        end = batch.length(row) - end == 1 ? end - 1 : end; // see above
        if (tokens + end - from > TOKENS) {
          pieces.add(piece);
          piece = new ArrayList<>();
          tokens = 0;
        }
        piece.add(new Span(row, from, end));
        tokens += end - from;
        from = end;
        if (tokens >= TOKENS || from < batch.length(row)) {
          pieces.add(piece);
          piece = new ArrayList<>();
          tokens = 0;
        }
      }
    }
    if (!piece.isEmpty()) {
      pieces.add(piece);
    }
    return pieces;
  }

  /** All of a batch in one pass. */
  static List<Span> whole(TokenBatch batch) {
    List<Span> spans = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      spans.add(new Span(row, 0, batch.length(row)));
    }
    return spans;
  }

  private static int length(int keys) {
    return Math.max(FEWEST, Math.min(TOKENS, MASK / keys));
  }

  /**
   * Ends a prompt that nobody waits for any more.
   *
   * @param done tokens that have been run; the first piece and a short prompt are always run
   * @throws PromptCancelledException if the caller or an interrupt of the thread says so
   */
  static void checkCancelled(BooleanSupplier cancelled, int done, int tokens) {
    if (done > 0 && (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted())) {
      throw new PromptCancelledException(done, tokens);
    }
  }
}
