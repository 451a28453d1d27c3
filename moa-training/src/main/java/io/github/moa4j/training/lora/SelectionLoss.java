package io.github.moa4j.training.lora;

import java.util.Arrays;
import java.util.List;

/**
 * The loss of each selection example at one checkpoint. Where the examples are of several domains,
 * every domain counts the same, however many answer tokens it has.
 *
 * @param sums −log p summed over the answer tokens of each example; of several domains, times the
 *     share of all tokens that its domain should have over the one it has
 * @param tokens number of answer tokens over all examples
 */
record SelectionLoss(double[] sums, long tokens) {

  /** Before the first measurement. */
  static final SelectionLoss NONE = new SelectionLoss(new double[0], 0);

  /**
   * Sums up what was measured.
   *
   * @param losses of the answer tokens of each example, domain by domain
   * @param sizes number of examples of each domain
   */
  static SelectionLoss of(float[][] losses, List<Integer> sizes) {
    double[] sums = new double[losses.length];
    long tokens = Arrays.stream(losses).mapToLong(example -> example.length).sum();
    long domains = sizes.stream().filter(size -> size > 0).count();
    int from = 0;
    for (int size : sizes) {
      float[][] domain = Arrays.copyOfRange(losses, from, from + size);
      long own = Arrays.stream(domain).mapToLong(example -> example.length).sum();
      double weight = (double) tokens / own / domains;
      for (int i = 0; i < size; i++) {
        for (float loss : domain[i]) {
          sums[from + i] += weight * loss;
        }
      }
      from += size;
    }
    return new SelectionLoss(sums, tokens);
  }

  /** The mean loss of an answer token; of several domains, the mean of theirs. */
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
