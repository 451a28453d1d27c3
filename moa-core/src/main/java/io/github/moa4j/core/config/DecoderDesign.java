package io.github.moa4j.core.config;

import java.util.Objects;

/**
 * What the parts of a decoder compute, where families differ in more than sizes.
 *
 * @param fusedMaps whether queries, keys and values are one matrix on disk, and gate and up another
 * @param norms where a layer has norms
 * @param rowNorms whether the norms of queries and of keys go over all heads at once
 * @param normsAroundOne whether norms multiply by 1 + weight
 * @param activation of the gate of the feed-forward layer
 * @param scoreCap what scores of attention are bounded by, softly; 0 for no bound
 * @param logitCap what logits are bounded by, softly; 0 for no bound
 */
public record DecoderDesign(
    boolean fusedMaps,
    Norms norms,
    boolean rowNorms,
    boolean normsAroundOne,
    Activation activation,
    double scoreCap,
    double logitCap) {

  /** Llama's. */
  public static final DecoderDesign LLAMA =
      new DecoderDesign(false, Norms.BEFORE, false, false, Activation.SILU, 0, 0);

  /** Llama's in fewer matrices. */
  static final DecoderDesign PHI3 =
      new DecoderDesign(true, Norms.BEFORE, false, false, Activation.SILU, 0, 0);

  /** Norms after both halves of a layer, and over whole rows of queries and keys. */
  static final DecoderDesign OLMO2 =
      new DecoderDesign(false, Norms.AFTER, true, false, Activation.SILU, 0, 0);

  /** Norms before and after both halves of a layer, and bounds. */
  static final DecoderDesign GEMMA2 =
      new DecoderDesign(false, Norms.AROUND, false, true, Activation.GELU_TANH, 50, 30);

  /** Gemma 2's without bounds. */
  static final DecoderDesign GEMMA3 =
      new DecoderDesign(false, Norms.AROUND, false, true, Activation.GELU_TANH, 0, 0);

  /** Where a layer has norms, beside those of queries and keys. */
  public enum Norms {
    /** Of what enters the attention and the feed-forward layer. */
    BEFORE,
    /** Of what they give. */
    AFTER,
    /** Of both. */
    AROUND
  }

  /** The activation of the gate. */
  public enum Activation {
    /** x times its logistic function. */
    SILU,
    /** x times the normal distribution function, by the hyperbolic tangent. */
    GELU_TANH,
    /** The same, exactly. */
    GELU
  }

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException if a cap is negative or not finite
   */
  public DecoderDesign {
    Objects.requireNonNull(norms, "norms");
    Objects.requireNonNull(activation, "activation");
    for (double cap : new double[] {scoreCap, logitCap}) {
      if (!(cap >= 0) || Double.isInfinite(cap)) {
        throw new IllegalArgumentException("A cap is " + cap + ", expected one above 0");
      }
    }
  }

  /** Returns this design with another activation and other bounds. */
  DecoderDesign with(Activation gate, double scores, double logits) {
    return new DecoderDesign(fusedMaps, norms, rowNorms, normsAroundOne, gate, scores, logits);
  }
}
