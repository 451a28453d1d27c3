package io.github.moa4j.training.evaluation;

import java.util.Arrays;

/**
 * The area under the ROC curve: how likely a positive scores above a negative, ties counting half
 * (the Mann-Whitney statistic). 0.5 tells nothing apart, 1 everything.
 */
public final class Auroc {

  private Auroc() {}

  /**
   * Returns the area.
   *
   * @param positives scores that should be high
   * @param negatives scores that should be low
   * @return 0 to 1; NaN if one of the arrays is empty
   * @throws IllegalArgumentException if a score is NaN
   */
  public static double of(double[] positives, double[] negatives) {
    double[] sorted = sorted(negatives);
    double above = 0;
    for (double positive : sorted(positives)) {
      int below = firstAtLeast(sorted, positive);
      int upTo = firstAtLeast(sorted, Math.nextUp(positive));
      above += below + 0.5 * (upTo - below);
    }
    return above / positives.length / negatives.length;
  }

  private static double[] sorted(double[] scores) {
    if (Arrays.stream(scores).anyMatch(Double::isNaN)) {
      throw new IllegalArgumentException("A score is NaN; expected numbers that can be compared");
    }
    return Arrays.stream(scores).sorted().toArray();
  }

  /** Returns how many of the ascending values lie below a bound. */
  private static int firstAtLeast(double[] ascending, double bound) {
    int low = 0;
    int high = ascending.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ascending[middle] < bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
