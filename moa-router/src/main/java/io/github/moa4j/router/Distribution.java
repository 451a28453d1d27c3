package io.github.moa4j.router;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A distribution over domains, as an ordered map. */
final class Distribution {

  private static final double SUM_TOLERANCE = 1e-6;

  private Distribution() {}

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
}
