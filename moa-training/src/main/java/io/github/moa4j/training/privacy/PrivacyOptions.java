package io.github.moa4j.training.privacy;

import static io.github.moa4j.training.privacy.PrivacyAccountant.require;

import io.github.moa4j.core.MoaException;
import java.io.Serializable;

/**
 * That training shall be differentially private (DP-SGD; Abadi et al., 2016), and how much: every
 * step draws each example with the same small probability, scales the gradient of each down to a
 * norm, and adds noise to their sum, before the optimiser sees it.
 *
 * @param epsilon not to be exceeded, for which the noise is chosen; 0 where the noise is given
 * @param noiseMultiplier standard deviation of the noise over the clipping norm; 0 where it is
 *     chosen for {@code epsilon}
 * @param delta the share of cases in which epsilon need not hold: well below 1 / examples
 * @param clipNorm global norm to which the gradient of each example is scaled down
 * @param examplesPerRecord examples that one record may have, where a record is what shall be
 *     protected: a person, a document. The guarantee is computed for so many, and is weaker for it;
 *     1 where each example is a record of its own
 * @param publicStart that an adapter to start from has learnt from public examples alone, on the
 *     caller's word; without it there is none to start from
 */
public record PrivacyOptions(
    double epsilon,
    double noiseMultiplier,
    double delta,
    double clipNorm,
    int examplesPerRecord,
    boolean publicStart)
    implements Serializable {

  private static final double CLIP_NORM = 0.1;

  /** No privacy: ordinary training, which promises nothing. */
  public static final PrivacyOptions NONE = new PrivacyOptions(0, 0, 0, CLIP_NORM, 1, false);

  /** Validates the components. */
  public PrivacyOptions {
    require(epsilon >= 0 && Double.isFinite(epsilon), "epsilon must not be negative", epsilon);
    require(
        noiseMultiplier >= 0 && Double.isFinite(noiseMultiplier),
        "noiseMultiplier must not be negative",
        noiseMultiplier);
    boolean none = epsilon == 0 && noiseMultiplier == 0 && delta == 0;
    require(
        none || (epsilon == 0) != (noiseMultiplier == 0),
        "Either epsilon or noiseMultiplier is given, and the other is 0",
        epsilon + " and " + noiseMultiplier);
    require(none || (delta > 0 && delta < 1), "delta must be in (0, 1)", delta);
    require(clipNorm > 0 && Double.isFinite(clipNorm), "clipNorm must be positive", clipNorm);
    require(examplesPerRecord >= 1, "examplesPerRecord must be at least 1", examplesPerRecord);
  }

  /** As much noise as keeps to an epsilon. */
  public static PrivacyOptions within(double epsilon, double delta) {
    return new PrivacyOptions(epsilon, 0, delta, CLIP_NORM, 1, false);
  }

  /** So much noise, whatever epsilon comes of it. */
  public static PrivacyOptions withNoise(double noiseMultiplier, double delta) {
    return new PrivacyOptions(0, noiseMultiplier, delta, CLIP_NORM, 1, false);
  }

  /** Tells whether training is ordinary, as of {@link #NONE}. */
  public boolean isNone() {
    return delta == 0;
  }

  /** Returns these options with another norm of clipping. */
  public PrivacyOptions withClipNorm(double value) {
    return new PrivacyOptions(
        epsilon, noiseMultiplier, delta, value, examplesPerRecord, publicStart);
  }

  /** Returns these options for records of several examples. */
  public PrivacyOptions withExamplesPerRecord(int value) {
    return new PrivacyOptions(epsilon, noiseMultiplier, delta, clipNorm, value, publicStart);
  }

  /** Returns these options for a start from an adapter that has learnt nothing private. */
  public PrivacyOptions withPublicStart() {
    return new PrivacyOptions(epsilon, noiseMultiplier, delta, clipNorm, examplesPerRecord, true);
  }

  /**
   * Plans a training.
   *
   * @param examples to learn from; their number counts as public
   * @param expectedBatch examples that a step draws on the average
   * @param epochs passes over as many examples as there are
   * @throws MoaException if no guarantee of use comes of it, or no noise keeps to the epsilon
   */
  public PrivacyGuarantee plan(int examples, int expectedBatch, int epochs) {
    if (expectedBatch > examples) {
      throw new MoaException(
          "A private step cannot draw %d of %d examples. Lower batchSize · accumulationSteps."
              .formatted(expectedBatch, examples));
    }
    if (delta >= 1.0 / examples) {
      throw new MoaException(
          ("A delta of %s promises nothing for %d examples: to publish one of them at random would"
                  + " keep to it. Take less than %s.")
              .formatted(delta, examples, 1.0 / examples));
    }
    double rate = (double) expectedBatch / examples;
    int steps = stepsPerEpoch(examples, expectedBatch) * epochs;
    double noise =
        epsilon == 0
            ? noiseMultiplier
            : PrivacyAccountant.noiseFor(epsilon, rate, steps, delta, examplesPerRecord);
    return new PrivacyGuarantee(
        PrivacyAccountant.epsilon(noise, rate, steps, delta, examplesPerRecord),
        delta,
        noise,
        clipNorm,
        rate,
        steps,
        examplesPerRecord);
  }

  /** Steps that draw as many examples as there are, on the average. */
  public static int stepsPerEpoch(int examples, int expectedBatch) {
    return Math.toIntExact(Math.max(1, Math.round((double) examples / expectedBatch)));
  }
}
