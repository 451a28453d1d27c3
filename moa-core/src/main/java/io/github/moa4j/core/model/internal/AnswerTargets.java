package io.github.moa4j.core.model.internal;

/**
 * The answer tokens of a batch: where each is predicted, and which it is.
 *
 * @param positions flat indices (row · length + index) of the tokens that precede an answer token
 * @param tokens ids of the answer tokens
 */
public record AnswerTargets(long[] positions, long[] tokens) {

  /** Validates the components. */
  public AnswerTargets {
    if (positions.length != tokens.length || positions.length == 0) {
      throw new IllegalArgumentException(
          "A loss needs at least one answer token and a position for each: %d positions, %d tokens"
              .formatted(positions.length, tokens.length));
    }
  }

  /**
   * Checks that the targets lie in a batch.
   *
   * @throws IllegalArgumentException if a position or an id is out of range, or the batch is padded
   *     on the left
   */
  public void checkFit(TokenBatch batch, int vocabSize) {
    if (batch.hasPadding()) {
      throw new IllegalArgumentException(
          "A loss is computed over right-padded rows; this batch is padded on the left");
    }
    for (int i = 0; i < tokens.length; i++) {
      if (positions[i] < 0 || positions[i] >= (long) batch.rows() * batch.length()) {
        throw new IllegalArgumentException(
            "Target %d stands behind position %d, outside of %d rows of %d tokens"
                .formatted(i, positions[i], batch.rows(), batch.length()));
      }
      if (tokens[i] < 0 || tokens[i] >= vocabSize) {
        throw new IllegalArgumentException(
            "Target %d is token %d, which is not in the model's vocabulary of %d"
                .formatted(i, tokens[i], vocabSize));
      }
    }
  }
}
