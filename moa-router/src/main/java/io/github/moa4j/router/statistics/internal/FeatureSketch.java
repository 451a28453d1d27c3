package io.github.moa4j.router.statistics.internal;

import java.util.SplittableRandom;

/**
 * Makes a wide pooled state narrow enough that its second moments are small: every feature is the
 * sum of some of the state's values, each with a sign of its own (feature hashing; Weinberger et
 * al., 2009), in equal numbers. It is fixed by the width alone, the same in every process and never
 * stored, and linear, so that moments of wide states become those of the sketch. Signed sums keep a
 * value that is far larger than all others, as the states of language models have some, within one
 * feature. Immutable.
 */
public final class FeatureSketch {

  /** The features of a state: all its values up to this width, so many sums beyond. */
  public static final int MOST_FEATURES = 512;

  private static final long SEED = 0x6D6F61346AL;

  private final int width;
  private final int features;
  private final int[] feature; // [width], the feature that a value belongs to
  private final float[] sign; // [width], 1 or -1

  private FeatureSketch(int width, int features) {
    this.width = width;
    this.features = features;
    this.feature = new int[width];
    this.sign = new float[width];
    SplittableRandom random = new SplittableRandom(SEED + width);
    for (int j = 0; j < width; j++) {
      int other = random.nextInt(j + 1);
      feature[j] = feature[other];
      feature[other] = j % features;
      sign[j] = random.nextBoolean() ? 1 : -1;
    }
  }

  /** Returns the sketch of states of that width; up to {@link #MOST_FEATURES} they stay whole. */
  public static FeatureSketch of(int width) {
    return new FeatureSketch(width, Math.min(width, MOST_FEATURES));
  }

  /** Returns the sketch into so many features, for measurements and tests. */
  public static FeatureSketch of(int width, int features) {
    return new FeatureSketch(width, features);
  }

  /** Returns the number of features. */
  public int features() {
    return features;
  }

  /**
   * Returns the features of a state.
   *
   * @param state [width]
   * @return [{@link #features}], the state itself where it stays whole
   */
  public float[] apply(float[] state) {
    if (features == width) {
      return state;
    }
    float[] sums = new float[features];
    for (int j = 0; j < width; j++) {
      sums[feature[j]] += sign[j] * state[j];
    }
    return sums;
  }

  /**
   * Returns the features of a sum of states.
   *
   * @param state [width]
   */
  public double[] apply(double[] state) {
    if (features == width) {
      return state;
    }
    double[] sums = new double[features];
    for (int j = 0; j < width; j++) {
      sums[feature[j]] += sign[j] * state[j];
    }
    return sums;
  }

  /**
   * Returns the second moments of the features of states whose second moments these are.
   *
   * @param packed the lower triangle row by row, [width (width + 1) / 2]
   * @return the same of the features
   */
  public double[] moments(double[] packed) {
    if (features == width) {
      return packed;
    }
    double[] sums = new double[Math.toIntExact((long) features * (features + 1) / 2)];
    int p = 0;
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        double value = packed[p++] * sign[i] * sign[j];
        int a = Math.max(feature[i], feature[j]);
        int b = Math.min(feature[i], feature[j]);
        // The upper triangle's twin lands in the same sum only on the diagonal.
        sums[a * (a + 1) / 2 + b] += i != j && a == b ? 2 * value : value;
      }
    }
    return sums;
  }

  /**
   * Returns the weights on whole states that are worth the same as weights on features.
   *
   * @param weights [rows, features]
   * @return [rows, width]
   */
  public float[] unfold(float[] weights) {
    if (features == width) {
      return weights;
    }
    int rows = weights.length / features;
    float[] wide = new float[Math.multiplyExact(rows, width)];
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        wide[r * width + j] = weights[r * features + feature[j]] * sign[j];
      }
    }
    return wide;
  }
}
