package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the layer-wise router's training.
 *
 * @param pooling which pooling of the prompts the router reads; empty for mean and last up to
 *     hidden size 2,048 and the mean beyond, where the statistics of both would take a gigabyte a
 *     domain
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
    Optional<Pooling> pooling,
    List<Integer> states,
    int maxSteps,
    double learningRate,
    double weightDecay,
    int patience,
    int replaySamples,
    long seed)
    implements Serializable {

  private static final int WIDEST_FOR_BOTH = 2048;

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

  /** Returns settings that fit most models: every state, pooled as its width affords. */
  public static LayerwiseRouterSettings defaults() {
    return new LayerwiseRouterSettings(Optional.empty(), List.of(), 100, 0.003, 15, 30, 512, 0);
  }

  /** Returns the pooling for states of that width. */
  public Pooling pooling(int hiddenSize) {
    return pooling.orElse(hiddenSize > WIDEST_FOR_BOTH ? Pooling.MEAN : Pooling.MEAN_AND_LAST);
  }

  /** Returns these settings with another pooling. */
  public LayerwiseRouterSettings withPooling(Pooling other) {
    return new LayerwiseRouterSettings(
        Optional.of(other),
        states,
        maxSteps,
        learningRate,
        weightDecay,
        patience,
        replaySamples,
        seed);
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

  private Object writeReplace() {
    return new Form(
        pooling.orElse(null),
        states,
        maxSteps,
        learningRate,
        weightDecay,
        patience,
        replaySamples,
        seed);
  }

  /**
   * What is serialised instead, as an Optional cannot be: the pooling is null where it is empty.
   */
  private record Form(
      Pooling pooling,
      List<Integer> states,
      int maxSteps,
      double learningRate,
      double weightDecay,
      int patience,
      int replaySamples,
      long seed)
      implements Serializable {

    private Object readResolve() {
      return new LayerwiseRouterSettings(
          Optional.ofNullable(pooling),
          states,
          maxSteps,
          learningRate,
          weightDecay,
          patience,
          replaySamples,
          seed);
    }
  }

  private static void requireAtLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value);
    }
  }
}
