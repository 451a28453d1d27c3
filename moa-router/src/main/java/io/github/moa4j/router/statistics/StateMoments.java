package io.github.moa4j.router.statistics;

import io.github.moa4j.router.algebra.internal.Matrix;
import java.util.List;

/**
 * The first two moments of one state over a domain's prompts. Its arrays change as rows are added.
 *
 * @param sum Σx, [width]
 * @param gram the lower triangle of XᵀX row by row, [{@link #packedSize}]
 */
record StateMoments(double[] sum, double[] gram) {

  static StateMoments empty(int width) {
    return new StateMoments(new double[width], new double[packedSize(width)]);
  }

  /** Returns the length of the lower triangle of a matrix of that size. */
  static int packedSize(int size) {
    return Math.toIntExact((long) size * (size + 1) / 2);
  }

  StateMoments copy() {
    return new StateMoments(sum.clone(), gram.clone());
  }

  void add(List<float[]> rows) {
    int width = sum.length;
    double[] flat = new double[rows.size() * width];
    for (int r = 0; r < rows.size(); r++) {
      float[] x = rows.get(r);
      for (int j = 0; j < width; j++) {
        flat[r * width + j] = x[j];
        sum[j] += x[j];
      }
    }
    double[] square = Matrix.gram(flat, rows.size(), width);
    int p = 0;
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        gram[p++] += square[i * width + j];
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
