package io.github.moa4j.router;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Distributions over domains, as ordered maps and as arrays. */
final class Probabilities {

  private static final double SUM_TOLERANCE = 1e-6;

  private Probabilities() {}

  /** Returns an unmodifiable copy in the same order, after checking that it is a distribution. */
  static Map<String, Double> checked(Map<String, Double> probabilities) {
    double sum = 0;
    for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
      double probability = entry.getValue();
      if (!(probability >= 0 && probability <= 1 + SUM_TOLERANCE)) {
        throw new IllegalArgumentException(
            "The probability of domain '" + entry.getKey() + "' is " + probability);
      }
      sum += probability;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new IllegalArgumentException("Probabilities over domains sum to " + sum + ", not to 1");
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
  }

  static Map<String, Double> named(List<String> domains, double[] probabilities) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int i = 0; i < probabilities.length; i++) {
      named.put(domains.get(i), probabilities[i]);
    }
    return named;
  }

  /** Returns the domain of the highest probability, the first of equals. */
  static String mostProbable(Map<String, Double> probabilities) {
    String best = null;
    double highest = -1;
    for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
      if (entry.getValue() > highest) {
        highest = entry.getValue();
        best = entry.getKey();
      }
    }
    return best;
  }

  /** Returns the softmax of the scores divided by the temperature. */
  static double[] softmax(double[] scores, double temperature) {
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
  static double[][] softmax(double[][] rows, double temperature) {
    double[][] probabilities = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      probabilities[i] = softmax(rows[i], temperature);
    }
    return probabilities;
  }

  /** Returns the mean of the rows. */
  static double[] mean(double[][] rows) {
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      for (int k = 0; k < mean.length; k++) {
        mean[k] += row[k] / rows.length;
      }
    }
    return mean;
  }

  static int indexOfHighest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
