package io.github.moa4j.training.router;

/**
 * Shift and scale that give every feature mean 0 and variance 1 over some rows.
 *
 * @param mean [width]
 * @param scale [width]: the inverse standard deviation, or 0 for a feature that does not vary
 */
record Standardisation(double[] mean, double[] scale) {

  /** Below this share of its second moment a feature's variance is rounding. */
  private static final double LEAST_RELATIVE_VARIANCE = 1e-10;

  static Standardisation of(LabelledRows rows) {
    int width = rows.width();
    double[] mean = new double[width];
    for (int r = 0; r < rows.count(); r++) {
      for (int j = 0; j < width; j++) {
        mean[j] += rows.weights()[r] * rows.values()[r * width + j];
      }
    }
    double[] scale = new double[width];
    for (int r = 0; r < rows.count(); r++) {
      for (int j = 0; j < width; j++) {
        double deviation = rows.values()[r * width + j] - mean[j];
        scale[j] += rows.weights()[r] * deviation * deviation;
      }
    }
    for (int j = 0; j < width; j++) {
      double variance = scale[j];
      scale[j] =
          variance > LEAST_RELATIVE_VARIANCE * (variance + mean[j] * mean[j])
              ? 1 / Math.sqrt(variance)
              : 0;
    }
    return new Standardisation(mean, scale);
  }

  /** Returns the rows with this applied. */
  LabelledRows apply(LabelledRows rows) {
    int width = rows.width();
    float[] values = new float[rows.values().length];
    for (int i = 0; i < values.length; i++) {
      int j = i % width;
      values[i] = (float) ((rows.values()[i] - mean[j]) * scale[j]);
    }
    return new LabelledRows(values, rows.labels(), rows.weights(), width);
  }
}
