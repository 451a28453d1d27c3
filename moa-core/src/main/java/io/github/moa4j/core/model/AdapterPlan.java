package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.lora.LoraWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * The distinct adapters of a batch and how strongly each acts.
 *
 * @param adapters the eight arrays of each
 * @param gates one an adapter: empty for 1 throughout, else [1 or layers, rows · tokens, 1]
 * @param gating how a mixture of experts chooses by token; empty for other adapters
 */
record AdapterPlan(List<NDArray> adapters, List<NDArray> gates, List<NDArray> gating) {

  /**
   * Lays out the choices of a batch.
   *
   * @param scope owner of the gates
   * @param choices one a row
   * @param padding number of padding tokens on the left of each row
   * @param past index of the first new token in the padded rows
   * @param tokens number of new tokens a row
   * @param layers number of the model's layers
   * @throws IllegalArgumentException if there is not one choice a row, or one has shares for
   *     another number of layers
   */
  static AdapterPlan of(
      NDManager scope,
      List<AdapterChoice> choices,
      int[] padding,
      int past,
      int tokens,
      int layers) {
    for (AdapterChoice choice : choices) {
      if (choice.layersOfShares() != 1 && choice.layersOfShares() != layers) {
        throw new IllegalArgumentException(
            "A choice has shares for %d layers, but the model has %d"
                .formatted(choice.layersOfShares(), layers));
      }
    }
    if (choices.size() != padding.length) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs one adapter choice a row, not %d"
              .formatted(padding.length, choices.size()));
    }
    List<LoraWeights> experts =
        choices.stream().flatMap(choice -> choice.experts().stream()).distinct().toList();
    List<NDArray> adapters = new ArrayList<>();
    List<NDArray> gates = new ArrayList<>();
    for (LoraWeights expert : experts) {
      adapters.addAll(expert.tensors());
      gates.add(gate(scope, expert, choices, padding, past, tokens));
    }
    return new AdapterPlan(adapters, gates, gating(scope, choices, experts, tokens));
  }

  private static List<NDArray> gating(
      NDManager scope, List<AdapterChoice> choices, List<LoraWeights> experts, int tokens) {
    if (experts.stream().allMatch(expert -> expert.gating().isEmpty())) {
      return List.of();
    }
    LoraWeights first = experts.get(0);
    if (!choices.stream().allMatch(choice -> choice.equals(AdapterChoice.of(first)))) {
      throw new IllegalArgumentException(
          "Experts that choose by token share a batch with no other adapter: give every row the"
              + " same choice, over the whole sequence");
    }
    List<NDArray> gating = new ArrayList<>(first.gating());
    gating.add(scope.create(new float[0]));
    gating.add(scope.ones(new Shape((long) choices.size() * tokens)));
    return gating;
  }

  /** The gate of one expert; empty, and so without cost, where it is 1 throughout. */
  private static NDArray gate(
      NDManager scope,
      LoraWeights expert,
      List<AdapterChoice> choices,
      int[] padding,
      int past,
      int tokens) {
    int layers =
        choices.stream()
            .filter(choice -> choice.experts().contains(expert))
            .mapToInt(AdapterChoice::layersOfShares)
            .max()
            .orElse(1);
    float[] gate = new float[layers * choices.size() * tokens];
    boolean open = true;
    for (int layer = 0; layer < layers; layer++) {
      for (int row = 0; row < choices.size(); row++) {
        AdapterChoice choice = choices.get(row);
        float share = choice.share(expert, layer);
        int from = choice.fromPosition() == 0 ? 0 : choice.fromPosition() + padding[row] - past;
        open &= share == 1 && from <= 0;
        int start = (layer * choices.size() + row) * tokens;
        for (int token = Math.max(from, 0); token < tokens; token++) {
          gate[start + token] = share;
        }
      }
    }
    return open
        ? scope.create(new float[0])
        : scope.create(gate, new Shape(layers, (long) choices.size() * tokens, 1));
  }
}
