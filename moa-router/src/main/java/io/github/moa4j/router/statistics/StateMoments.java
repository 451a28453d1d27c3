package io.github.moa4j.router.statistics;

import io.github.moa4j.router.algebra.internal.Matrix;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import java.util.Arrays;
import java.util.List;

/**
 * The first two moments of one state's features over a domain's prompts. Its arrays change as rows
 * are added. The second is taken around the mean: its values are of the size of a variance, so that
 * f32 is enough for them, and in f32 they are kept, so that a file holds all there is.
 *
 * @param sum Σx, [features]
 * @param scatter the lower triangle of Σ (x − mean)(x − mean)ᵀ row by row, [{@link #packedSize}]
 */
record StateMoments(double[] sum, float[] scatter) {

  static StateMoments empty(int features) {
    return new StateMoments(new double[features], new float[packedSize(features)]);
  }

  /**
   * Returns the features' moments of what is known of whole states.
   *
   * @param sum Σx, [width]
   * @param gram the lower triangle of XᵀX row by row
   */
  static StateMoments of(double[] sum, double[] gram, long count, FeatureSketch sketch) {
    double[] features = sketch.apply(sum);
    double[] square = sketch.moments(gram);
    float[] scatter = new float[square.length];
    int p = 0;
    for (int i = 0; i < features.length; i++) {
      for (int j = 0; j <= i; j++) {
        double product = count == 0 ? 0 : features[i] * features[j] / count;
        scatter[p] = (float) (square[p] - product);
        p++;
      }
    }
    return new StateMoments(features, scatter);
  }

  /** Returns the length of the lower triangle of a matrix of that size. */
  static int packedSize(int size) {
    return Math.toIntExact((long) size * (size + 1) / 2);
  }

  StateMoments copy() {
    return new StateMoments(sum.clone(), scatter.clone());
  }

  /** Returns these moments with every row counted so often, and more scatter around the rows. */
  StateMoments scaled(double times, float[] around) {
    float[] scattered = around.clone();
    for (int p = 0; p < scattered.length; p++) {
      scattered[p] += (float) (times * scatter[p]);
    }
    return new StateMoments(Arrays.stream(sum).map(value -> value * times).toArray(), scattered);
  }

  /**
   * Adds rows (Chan et al., 1979).
   *
   * @param rows at least one, [features] each
   * @param count the rows in here so far
   */
  void add(List<float[]> rows, long count) {
    int features = sum.length;
    int added = rows.size();
    double[] addedSum = new double[features];
    for (float[] x : rows) {
      for (int j = 0; j < features; j++) {
        addedSum[j] += x[j];
      }
    }
    double[] centred = new double[Math.multiplyExact(added, features)];
    for (int r = 0; r < added; r++) {
      for (int j = 0; j < features; j++) {
        centred[r * features + j] = rows.get(r)[j] - addedSum[j] / added;
      }
    }
    double[] square = Matrix.gram(centred, added, features);
    double[] apart = new double[features]; // between the means of the old and the new rows
    for (int j = 0; j < features; j++) {
      apart[j] = count == 0 ? 0 : addedSum[j] / added - sum[j] / count;
      sum[j] += addedSum[j];
    }
    double weight = (double) count * added / (count + added);
    int p = 0;
    for (int i = 0; i < features; i++) {
      for (int j = 0; j <= i; j++) {
        scatter[p++] += (float) (square[i * features + j] + weight * apart[i] * apart[j]);
      }
    }
  }

  double[] mean(long count) {
    double[] mean = sum.clone();
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= count;
    }
    return mean;
  }
}
