package io.github.moa4j.core.model;

import java.util.Arrays;
import java.util.List;

/**
 * Rows of token ids, padded to one length.
 *
 * @param tokens token ids [rows, length], row after row
 * @param rows number of sequences
 * @param length tokens a row, padding included
 * @param padding number of padding tokens on the left of each row; the rest of the padding, if any,
 *     stands on the right, where causal attention keeps it from mattering
 */
public record TokenBatch(long[] tokens, int rows, int length, int[] padding) {

  /** Pads on the left, so that every row ends at the same index: the form that decoding needs. */
  public static TokenBatch leftPadded(List<int[]> sequences) {
    return padded(sequences, true);
  }

  /** Pads on the right, so that every row starts at index 0: the form that training needs. */
  public static TokenBatch rightPadded(List<int[]> sequences) {
    return padded(sequences, false);
  }

  private static TokenBatch padded(List<int[]> sequences, boolean left) {
    int length = sequences.stream().mapToInt(sequence -> sequence.length).max().orElse(0);
    if (length == 0 || sequences.stream().anyMatch(sequence -> sequence.length == 0)) {
      throw new IllegalArgumentException("A batch needs at least one row, and a row one token.");
    }
    long[] tokens = new long[sequences.size() * length];
    int[] padding = new int[sequences.size()];
    for (int row = 0; row < padding.length; row++) {
      int[] sequence = sequences.get(row);
      padding[row] = left ? length - sequence.length : 0;
      int start = row * length + padding[row];
      for (int i = 0; i < sequence.length; i++) {
        tokens[start + i] = sequence[i];
      }
    }
    return new TokenBatch(tokens, padding.length, length, padding);
  }

  /** Whether any row is padded on the left. */
  boolean hasPadding() {
    return Arrays.stream(padding).anyMatch(count -> count > 0);
  }
}
