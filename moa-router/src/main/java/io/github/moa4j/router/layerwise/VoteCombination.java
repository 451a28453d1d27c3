package io.github.moa4j.router.layerwise;

import io.github.moa4j.router.statistics.internal.Probabilities;

/** How the layers' probabilities become one distribution for the whole sequence. */
public enum VoteCombination {
  /** The mean of the layers' probabilities. */
  AVERAGE,
  /**
   * Each layer has one vote for its most probable domain. The mean of the layers' probabilities
   * counts as one further vote, spread over the domains, so that it breaks ties.
   */
  VOTE;

  double[] combine(double[][] layers) {
    double[] mean = Probabilities.mean(layers);
    if (this == AVERAGE) {
      return mean;
    }
    for (double[] layer : layers) {
      mean[Probabilities.indexOfHighest(layer)] += 1;
    }
    for (int k = 0; k < mean.length; k++) {
      mean[k] /= layers.length + 1;
    }
    return mean;
  }
}
