package io.github.moa4j.core.generation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The distribution that a token is drawn from, written down plainly: everything sorted. */
final class ReferenceSampling {

  private ReferenceSampling() {}

  /** Returns the probability of each token. */
  static double[] distribution(GenerationOptions options, float[] logits) {
    Integer[] ranked = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
    Arrays.sort(ranked, Comparator.comparing(token -> -(double) logits[token])); // stable
    double[] weights = new double[logits.length]; // by rank
    for (int rank = 0; rank < weights.length; rank++) {
      double below = (double) logits[ranked[rank]] - logits[ranked[0]];
      weights[rank] = below == 0 ? 1 : Math.exp(below / options.temperature());
    }
    int kept = options.topK() > 0 ? Math.min(options.topK(), weights.length) : weights.length;
    if (options.topP() < 1) {
      double wanted = options.topP() * Arrays.stream(weights, 0, kept).sum();
      double sum = 0;
      for (int rank = 0; rank < kept; rank++) {
        sum += weights[rank];
        if (sum >= wanted) {
          kept = rank + 1;
        }
      }
    }
    while (weights[kept - 1] < options.minP()) {
      kept--;
    }
    double total = Arrays.stream(weights, 0, kept).sum();
    double[] probabilities = new double[logits.length];
    for (int rank = 0; rank < kept; rank++) {
      probabilities[ranked[rank]] = weights[rank] / total;
    }
    return probabilities;
  }
}
