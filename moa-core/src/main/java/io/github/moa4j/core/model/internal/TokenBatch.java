package io.github.moa4j.core.model.internal;

import java.util.Arrays;
import java.util.List;

/**
 * The tokens of some sequences packed one behind the other, without padding.
 *
 * @param tokens ids of all
 * @param offsets where each sequence begins, and behind the last where it ends
 */
public record TokenBatch(int[] tokens, int[] offsets) {

  /** Validates the components. */
  public TokenBatch {
    boolean rising = offsets.length > 1 && offsets[0] == 0;
    for (int i = 1; i < offsets.length; i++) {
      rising &= offsets[i] > offsets[i - 1];
    }
    if (!rising || offsets[offsets.length - 1] != tokens.length) {
      throw new IllegalArgumentException(
          "A batch needs at least one sequence, and a sequence one token: %s do not part %d tokens"
              .formatted(Arrays.toString(offsets), tokens.length));
    }
  }

  /** Packs sequences. */
  public static TokenBatch of(List<int[]> sequences) {
    int[] offsets = new int[sequences.size() + 1];
    for (int i = 0; i < sequences.size(); i++) {
      offsets[i + 1] = offsets[i] + sequences.get(i).length;
    }
    int[] tokens = new int[offsets[sequences.size()]];
    for (int i = 0; i < sequences.size(); i++) {
      System.arraycopy(sequences.get(i), 0, tokens, offsets[i], sequences.get(i).length);
    }
    return new TokenBatch(tokens, offsets);
  }

  /** Returns the number of sequences. */
  public int rows() {
    return offsets.length - 1;
  }

  /** Returns the number of tokens of all sequences. */
  public int size() {
    return tokens.length;
  }

  /** Returns the number of a sequence's tokens. */
  public int length(int row) {
    return offsets[row + 1] - offsets[row];
  }

  /** Returns the tokens of a sequence, a copy. */
  int[] row(int row) {
    return Arrays.copyOfRange(tokens, offsets[row], offsets[row + 1]);
  }

  /** Returns the number of the longest sequence's tokens. */
  public int longest() {
    int longest = 0;
    for (int row = 0; row < rows(); row++) {
      longest = Math.max(longest, length(row));
    }
    return longest;
  }

  /**
   * Checks the ids.
   *
   * @throws IllegalArgumentException if an id is not below {@code vocabSize}
   */
  void check(int vocabSize) {
    for (int row = 0; row < rows(); row++) {
      for (int i = offsets[row]; i < offsets[row + 1]; i++) {
        if (tokens[i] < 0 || tokens[i] >= vocabSize) {
          throw new IllegalArgumentException(
              "Token id %d in row %d is not in the model's vocabulary of %d: does the tokenizer belong to the model?"
                  .formatted(tokens[i], row, vocabSize));
        }
      }
    }
  }
}
