package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import java.util.List;

/**
 * Settings of the layer-wise router's training.
 *
 * @param pooling which pooling of the prompts the router reads
 * @param states the states to read, ascending; empty for all that prompts and statistics hold, each
 *     layer's input and the final state
 * @param maxSteps most steps of a layer, each over all prompts
 * @param learningRate of AdamW, on standardised features
 * @param weightDecay of AdamW; a strong one keeps a layer less sure of what differs from the
 *     training's prompts
 * @param patience steps without a better held-out loss after which a layer stops
 * @param replaySamples draws that stand in for each domain known by its statistics only
 * @param seed of the draws; the same seed gives the same router
 */
public record LayerwiseRouterSettings(
    Pooling pooling,
    List<Integer> states,
    int maxSteps,
    double learningRate,
    double weightDecay,
    int patience,
    int replaySamples,
    long seed) {

  /** Checks the ranges. */
  public LayerwiseRouterSettings {
    states = List.copyOf(states);
    requireAtLeastOne(maxSteps, "maxSteps");
    requireAtLeastOne(patience, "patience");
    requireAtLeastOne(replaySamples, "replaySamples");
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("learningRate must be above 0, but is " + learningRate);
    }
    if (!(weightDecay >= 0 && weightDecay * learningRate < 1)) {
      throw new IllegalArgumentException(
          "weightDecay must be 0 or more and below 1 / learningRate, but is " + weightDecay);
    }
    for (int i = 0; i < states.size(); i++) {
      if (states.get(i) < 0 || (i > 0 && states.get(i) <= states.get(i - 1))) {
        throw new IllegalArgumentException("states must ascend from 0, but are " + states);
      }
    }
  }

  /** Returns mean and last pooling, every state, and settings that fit most models. */
  public static LayerwiseRouterSettings defaults() {
    return new LayerwiseRouterSettings(
        Pooling.MEAN_AND_LAST, List.of(), 100, 0.003, 15, 30, 512, 0);
  }

  /** Returns these settings with another pooling. */
  public LayerwiseRouterSettings withPooling(Pooling other) {
    return new LayerwiseRouterSettings(
        other, states, maxSteps, learningRate, weightDecay, patience, replaySamples, seed);
  }

  /** Returns these settings with other states. */
  public LayerwiseRouterSettings withStates(List<Integer> others) {
    return new LayerwiseRouterSettings(
        pooling, others, maxSteps, learningRate, weightDecay, patience, replaySamples, seed);
  }

  /** Returns these settings with another seed. */
  public LayerwiseRouterSettings withSeed(long other) {
    return new LayerwiseRouterSettings(
        pooling, states, maxSteps, learningRate, weightDecay, patience, replaySamples, other);
  }

  private static void requireAtLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value);
    }
  }
}
