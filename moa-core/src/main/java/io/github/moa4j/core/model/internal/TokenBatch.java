package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
 * @param lengths number of each row's own tokens
 */
public record TokenBatch(long[] tokens, int rows, int length, int[] padding, int[] lengths) {

  /** Validates the components. */
  public TokenBatch {
    if (rows < 1
        || length < 1
        || tokens.length != rows * length
        || padding.length != rows
        || lengths.length != rows) {
      throw new IllegalArgumentException(
          "%d token ids and %d paddings make no batch of %d rows of %d tokens"
              .formatted(tokens.length, padding.length, rows, length));
    }
    if (Arrays.stream(padding).anyMatch(count -> count < 0 || count >= length)) {
      throw new IllegalArgumentException(
          "Padding must leave each row at least one of its %d tokens: %s"
              .formatted(length, Arrays.toString(padding)));
    }
  }

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
    int[] lengths = sequences.stream().mapToInt(sequence -> sequence.length).toArray();
    return new TokenBatch(tokens, padding.length, length, padding, lengths);
  }

  /**
   * Checks the ids.
   *
   * @throws IllegalArgumentException if an id is not below {@code vocabSize}
   */
  void check(int vocabSize) {
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabSize) {
        throw new IllegalArgumentException(
            "Token id %d in row %d is not in the model's vocabulary of %d: does the tokenizer belong to the model?"
                .formatted(tokens[i], i / length, vocabSize));
      }
    }
  }

  /** Copies the ids of some columns into an array i64 [rows, end - from]. */
  NDArray toArray(NDManager scope, int from, int end) {
    long[] columns = new long[rows * (end - from)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(tokens, row * length + from, columns, row * (end - from), end - from);
    }
    return scope.create(columns, new Shape(rows, end - from));
  }

  /** Whether any row is padded on the left. */
  boolean hasPadding() {
    return Arrays.stream(padding).anyMatch(count -> count > 0);
  }
}
