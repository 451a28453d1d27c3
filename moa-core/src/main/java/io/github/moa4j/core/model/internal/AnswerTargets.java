package io.github.moa4j.core.model.internal;

/**
 * The answer tokens of a batch: where each is predicted, and which it is.
 *
 * @param positions indices in the batch of the tokens that precede an answer token
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
   * @throws IllegalArgumentException if a position or an id is out of range
   */
  public void checkFit(TokenBatch batch, int vocabSize) {
    for (int i = 0; i < tokens.length; i++) {
      if (positions[i] < 0 || positions[i] >= batch.size()) {
        throw new IllegalArgumentException(
            "Target %d stands behind position %d, outside of a batch of %d tokens"
                .formatted(i, positions[i], batch.size()));
      }
      if (tokens[i] < 0 || tokens[i] >= vocabSize) {
        throw new IllegalArgumentException(
            "Target %d is token %d, which is not in the model's vocabulary of %d"
                .formatted(i, tokens[i], vocabSize));
      }
    }
  }
}
