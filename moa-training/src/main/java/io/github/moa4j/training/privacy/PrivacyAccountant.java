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
  private static final int MOST_EXACT = 64; // examples of a record; of more it takes minutes
  private static final int REFINEMENTS = 4;
  private static final double CLOSE = 0.99; // of an epsilon that may be used up

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
    SampledGaussian mechanism =
        new SampledGaussian(noiseMultiplier, samplingRate, examplesPerRecord);
    double[] divergences = mechanism.divergences();
    double bound = renyi(divergences, steps, delta);
    if (examplesPerRecord > MOST_EXACT) {
      return bound;
    }
    return Math.min(
        bound, new PrivacyLosses(mechanism, divergences, steps, delta, bound).epsilon());
  }

  /** Converts the divergences of one step to the epsilon of all. */
  static double renyi(double[] divergences, int steps, double delta) {
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
   * Computes the least noise, to about 1 %, that keeps to an epsilon; see {@link #epsilon}.
   *
   * @throws MoaException if no noise is enough
   */
  public static double noiseFor(
      double epsilon, double samplingRate, int steps, double delta, int examplesPerRecord) {
    require(epsilon > 0, "epsilon must be positive", epsilon);
    double aim = epsilon;
    double enough = renyiNoise(aim, samplingRate, steps, delta, examplesPerRecord);
    double noise = enough;
    for (int i = 0; i < REFINEMENTS; i++) { // the tighter bound is about in proportion to the other
      double found = epsilon(noise, samplingRate, steps, delta, examplesPerRecord);
      if (found <= epsilon) {
        enough = noise;
        if (found > CLOSE * epsilon) {
          break;
        }
      }
      aim *= (1 + CLOSE) / 2 * epsilon / found;
      noise = renyiNoise(aim, samplingRate, steps, delta, examplesPerRecord);
    }
    return enough;
  }

  /** The noise that keeps to an epsilon by the bound that is fast to compute. */
  private static double renyiNoise(
      double epsilon, double samplingRate, int steps, double delta, int examplesPerRecord) {
    double high = Integer.highestOneBit(examplesPerRecord); // less takes many points to compute
    while (renyi(high, samplingRate, steps, delta, examplesPerRecord) > epsilon) {
      high *= 2;
      if (high > MOST_NOISE) {
        throw new MoaException(
            ("No noise makes %d steps on a share of %s of the examples private within epsilon %s"
                    + " at delta %s. Allow a greater epsilon or delta, or train fewer steps.")
                .formatted(steps, samplingRate, epsilon, delta));
      }
    }
    double low = high / 2;
    while (low > LEAST_NOISE
        && renyi(low, samplingRate, steps, delta, examplesPerRecord) <= epsilon) {
      high = low;
      low /= 2;
    }
    while (high > low * 1.002) {
      double middle = (low + high) / 2;
      if (middle < LEAST_NOISE
          || renyi(middle, samplingRate, steps, delta, examplesPerRecord) > epsilon) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static double renyi(double noise, double rate, int steps, double delta, int group) {
    return renyi(new SampledGaussian(noise, rate, group).divergences(), steps, delta);
  }

  static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }
}
