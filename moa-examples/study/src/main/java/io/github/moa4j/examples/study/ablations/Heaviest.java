package io.github.moa4j.examples.study.ablations;

/** Which of several weights is the highest. */
final class Heaviest {

  private Heaviest() {}

  static int of(double[] weights) {
    int best = 0;
    for (int i = 1; i < weights.length; i++) {
      best = weights[i] > weights[best] ? i : best;
    }
    return best;
  }

  /** The heaviest in the sum over the layers, of [layer][weight]. */
  static int of(double[][] layers) {
    double[] sums = new double[layers[0].length];
    for (double[] layer : layers) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += layer[i];
      }
    }
    return of(sums);
  }
}
