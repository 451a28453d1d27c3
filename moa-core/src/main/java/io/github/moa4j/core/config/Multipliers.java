package io.github.moa4j.core.config;

/**
 * What a decoder multiplies by beside its weights.
 *
 * @param embedding of the embedded tokens
 * @param scores of the products of queries and keys
 * @param residual of what a layer's halves add to the residual stream
 * @param logits of the output projection
 */
public record Multipliers(double embedding, double scores, double residual, double logits) {

  /** Checks that each is a positive number. */
  public Multipliers {
    for (double value : new double[] {embedding, scores, residual, logits}) {
      if (!(value > 0) || Double.isInfinite(value)) {
        throw new IllegalArgumentException("A multiplier is " + value + ", expected one above 0");
      }
    }
  }

  /** Those of a plain decoder: the scores by the root of the heads' width, all else as it is. */
  public static Multipliers plain(int headDim) {
    return new Multipliers(1, 1 / Math.sqrt(headDim), 1, 1);
  }
}
