package io.github.moa4j.training.privacy;

import io.github.moa4j.core.MoaException;

/**
 * Tells which epsilon noise buys, by Rényi differential privacy: the divergences of the steps add
 * up, and the order that gives the least epsilon is taken (Mironov, 2017; the conversion of
 * Canonne, Kamath and Steinke, 2020, proposition 12, which is that of Balle et al., 2020, theorem
 * 21).
 */
public final class PrivacyAccountant {

  private static final double LEAST_NOISE = 0.2; // below, no order gives an epsilon of use
  private static final double MOST_NOISE = 1e4;

  private PrivacyAccountant() {}

  /**
   * Computes epsilon.
   *
   * @param noiseMultiplier standard deviation of the noise over the clipping norm; 0 for none
   * @param samplingRate probability with which each example is drawn into a step, in (0, 1]
   * @param steps optimiser steps
   * @param delta in (0, 1)
   * @param examplesPerRecord examples that one record may have
   * @return infinite without noise
   */
  public static double epsilon(
      double noiseMultiplier, double samplingRate, int steps, double delta, int examplesPerRecord) {
    require(noiseMultiplier >= 0, "noiseMultiplier must not be negative", noiseMultiplier);
    require(samplingRate > 0 && samplingRate <= 1, "samplingRate must be in (0, 1]", samplingRate);
    require(steps >= 0, "steps must not be negative", steps);
    require(delta > 0 && delta < 1, "delta must be in (0, 1)", delta);
    require(examplesPerRecord >= 1, "examplesPerRecord must be at least 1", examplesPerRecord);
    if (steps == 0) {
      return 0;
    }
    if (noiseMultiplier < LEAST_NOISE) {
      return Double.POSITIVE_INFINITY;
    }
    double[] divergences =
        new SampledGaussian(noiseMultiplier, samplingRate, examplesPerRecord).divergences();
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < divergences.length; i++) {
      double order = SampledGaussian.ORDERS[i];
      double epsilon =
          steps * divergences[i]
              + Math.log1p(-1 / order)
              - (Math.log(delta) + Math.log(order)) / (order - 1);
      least = Math.min(least, epsilon);
    }
    return Math.max(0, least);
  }

  /**
   * Computes the least noise, to 0.1 %, that keeps to an epsilon; see {@link #epsilon}.
   *
   * @throws MoaException if no noise is enough
   */
  public static double noiseFor(
      double epsilon, double samplingRate, int steps, double delta, int examplesPerRecord) {
    require(epsilon > 0, "epsilon must be positive", epsilon);
    double high = 1;
    while (epsilon(high, samplingRate, steps, delta, examplesPerRecord) > epsilon) {
      high *= 2;
      if (high > MOST_NOISE) {
        throw new MoaException(
            ("No noise makes %d steps on a share of %s of the examples private within epsilon %s"
                    + " at delta %s. Allow a greater epsilon or delta, or train fewer steps.")
                .formatted(steps, samplingRate, epsilon, delta));
      }
    }
    double low = high / 2;
    while (epsilon(low, samplingRate, steps, delta, examplesPerRecord) <= epsilon) {
      high = low;
      low /= 2;
    }
    while (high > low * 1.001) {
      double middle = (low + high) / 2;
      if (epsilon(middle, samplingRate, steps, delta, examplesPerRecord) > epsilon) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }
}
