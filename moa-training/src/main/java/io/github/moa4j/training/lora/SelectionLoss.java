package io.github.moa4j.training.lora;

/**
 * The loss of each selection example at one checkpoint.
 *
 * @param sums −log p summed over the answer tokens of each example
 * @param tokens number of answer tokens over all examples
 */
record SelectionLoss(double[] sums, long tokens) {

  /** Before the first measurement. */
  static final SelectionLoss NONE = new SelectionLoss(new double[0], 0);

  static SelectionLoss of(float[][] losses) {
    double[] sums = new double[losses.length];
    long tokens = 0;
    for (int i = 0; i < losses.length; i++) {
      for (float loss : losses[i]) {
        sums[i] += loss;
      }
      tokens += losses[i].length;
    }
    return new SelectionLoss(sums, tokens);
  }

  /** The mean loss of an answer token. */
  double mean() {
    double sum = 0;
    for (double example : sums) {
      sum += example;
    }
    return sum / tokens;
  }

  boolean lowerThan(SelectionLoss other) {
    return other.tokens == 0 || mean() < other.mean();
  }

  /**
   * Whether this is worse than another checkpoint by more than the standard error of the paired
   * difference: by more, that is, than another draw of as many examples could turn round.
   */
  boolean clearlyWorseThan(SelectionLoss other) {
    int n = sums.length;
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += (sums[i] - other.sums[i]) / n;
    }
    double variance = 0;
    for (int i = 0; i < n; i++) {
      double deviation = sums[i] - other.sums[i] - mean;
      variance += deviation * deviation / Math.max(1, n - 1);
    }
    return !(mean <= Math.sqrt(variance / n));
  }
}
