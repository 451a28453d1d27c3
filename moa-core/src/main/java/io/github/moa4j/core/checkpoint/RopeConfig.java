package io.github.moa4j.core.checkpoint;

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
