package io.github.moa4j.core.model;

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
}
