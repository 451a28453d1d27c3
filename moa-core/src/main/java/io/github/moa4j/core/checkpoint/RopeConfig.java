package io.github.moa4j.core.checkpoint;

import java.util.Objects;

/**
 * Rotary position embedding: base frequency and scaling.
 *
 * @param theta the base of the frequencies ({@code rope_theta})
 * @param scaling how the frequencies are stretched
 * @param factor the stretch of {@code LINEAR} and {@code LLAMA3}; 1 for {@code NONE}
 * @param lowFreqFactor only for {@code LLAMA3}
 * @param highFreqFactor only for {@code LLAMA3}
 * @param originalMaxPositionEmbeddings only for {@code LLAMA3}: the context of pretraining
 */
public record RopeConfig(
    double theta,
    Scaling scaling,
    double factor,
    double lowFreqFactor,
    double highFreqFactor,
    int originalMaxPositionEmbeddings) {

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public RopeConfig {
    Objects.requireNonNull(scaling, "scaling");
    require(theta > 0 && Double.isFinite(theta), "theta is not positive: " + theta);
    require(factor > 0 && Double.isFinite(factor), "factor is not positive: " + factor);
    if (scaling == Scaling.LLAMA3) {
      require(lowFreqFactor > 0, "lowFreqFactor is not positive: " + lowFreqFactor);
      require(
          highFreqFactor > lowFreqFactor && Double.isFinite(highFreqFactor),
          "highFreqFactor (" + highFreqFactor + ") is not above lowFreqFactor");
      require(originalMaxPositionEmbeddings > 0, "originalMaxPositionEmbeddings is not positive");
    }
  }

  /** Plain frequencies of that base. */
  public static RopeConfig plain(double theta) {
    return new RopeConfig(theta, Scaling.NONE, 1, 1, 1, 0);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** The kinds of {@code rope_scaling} that are supported. */
  public enum Scaling {
    /** Plain frequencies. */
    NONE,
    /** Every frequency divided by {@code factor}. */
    LINEAR,
    /** Llama 3's smooth division of the low frequencies only. */
    LLAMA3
  }
}
