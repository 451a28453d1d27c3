package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.router.RouterException;

/** Distributions over domains, as arrays in the order of a router's domains. */
public final class Probabilities {

  private Probabilities() {}

  /**
   * Refuses scores that cannot become probabilities.
   *
   * @throws RouterException if one is NaN or infinite
   */
  public static void requireFinite(double[] scores, int state) {
    for (double score : scores) {
      if (!Double.isFinite(score)) {
        throw new RouterException(
            "The prompt's state "
                + state
                + " holds NaN or infinity, so it cannot be routed. Compute the base in f32 or bf16,"
                + " or check its weights.");
      }
    }
  }

  /** Returns the softmax of the scores divided by the temperature. */
  public static double[] softmax(double[] scores, double temperature) {
    double highest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      highest = Math.max(highest, score);
    }
    double[] probabilities = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      probabilities[i] = Math.exp((scores[i] - highest) / temperature);
      sum += probabilities[i];
    }
    for (int i = 0; i < scores.length; i++) {
      probabilities[i] /= sum;
    }
    return probabilities;
  }

  /** Returns the softmax of each row divided by the temperature. */
  public static double[][] softmax(double[][] rows, double temperature) {
    double[][] probabilities = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      probabilities[i] = softmax(rows[i], temperature);
    }
    return probabilities;
  }

  /** Returns the mean of the rows. */
  public static double[] mean(double[][] rows) {
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      for (int k = 0; k < mean.length; k++) {
        mean[k] += row[k] / rows.length;
      }
    }
    return mean;
  }

  /** Returns the index of the highest value, the first of equals. */
  public static int indexOfHighest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
