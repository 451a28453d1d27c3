package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.AdapterChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * The distinct adapters of a batch and how strongly each acts.
 *
 * @param adapters the eight arrays of each, then, if any of them has more, the 21 of each
 * @param gates one an adapter: empty for 1 throughout, else [1 or layers, rows · tokens, 1]
 * @param block rank of one block of the only adapter, where tokens choose among them
 * @param gating how every token chooses among the blocks of the only adapter; empty for others
 */
record AdapterPlan(List<NDArray> adapters, List<NDArray> gates, long block, List<NDArray> gating) {

  private static final int BESIDE = 21;
  private static final int BESIDE_OF_LAYERS = 8;

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
      if (layersOfShares(choice) != 1 && layersOfShares(choice) != layers) {
        throw new IllegalArgumentException(
            "A choice has shares for %d layers, but the model has %d"
                .formatted(layersOfShares(choice), layers));
      }
    }
    if (choices.size() != padding.length) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs one adapter choice a row, not %d"
              .formatted(padding.length, choices.size()));
    }
    List<FusedLora> distinct =
        choices.stream()
            .flatMap(choice -> choice.adapters().stream())
            .distinct()
            .map(FusedLora::of)
            .toList();
    List<NDArray> gates = new ArrayList<>();
    for (FusedLora adapter : distinct) {
      gates.add(gate(scope, adapter, choices, padding, past, tokens));
    }
    for (AdapterChoice choice : choices) {
      if (layersOfShares(choice) > 1) {
        choice.adapters().stream().map(FusedLora::of).forEach(AdapterPlan::requireLayersOnly);
      }
    }
    long block = distinct.stream().mapToLong(FusedLora::block).max().orElse(0);
    return new AdapterPlan(
        tensors(scope, distinct, layers), gates, block, gating(choices, distinct));
  }

  /**
   * Checks that an adapter can act in some layers and not in others.
   *
   * @throws AdapterException if it changes the embedding or the head
   */
  static void requireLayersOnly(FusedLora adapter) {
    if (adapter.changesVocabulary()) {
      throw new AdapterException(
          "An adapter that changes the embedding or the head acts on a whole sequence; it cannot be"
              + " chosen layer by layer. Use a router that takes one decision a sequence.");
    }
  }

  /** The arrays of adapters in the kernel's order. */
  static List<NDArray> tensors(NDManager scope, List<FusedLora> adapters, int layers) {
    List<NDArray> tensors = new ArrayList<>();
    adapters.forEach(adapter -> tensors.addAll(adapter.tensors()));
    if (adapters.stream().anyMatch(adapter -> !adapter.beside().isEmpty())) {
      NDArray ofLayers = scope.zeros(new Shape(layers, 0));
      NDArray ofVocabulary = scope.zeros(new Shape(1, 0));
      for (FusedLora adapter : adapters) {
        for (int i = 0; i < BESIDE; i++) {
          tensors.add(
              adapter.beside().isEmpty()
                  ? (i < BESIDE_OF_LAYERS ? ofLayers : ofVocabulary)
                  : adapter.beside().get(i));
        }
      }
    }
    return tensors;
  }

  private static List<NDArray> gating(List<AdapterChoice> choices, List<FusedLora> distinct) {
    if (distinct.stream().allMatch(adapter -> adapter.gating().isEmpty())) {
      return List.of();
    }
    FusedLora first = distinct.get(0);
    if (!choices.stream().allMatch(choice -> choice.equals(AdapterChoice.of(first)))) {
      throw new IllegalArgumentException(
          "Experts that choose by token share a batch with no other adapter: give every row the"
              + " same choice, over the whole sequence");
    }
    return first.gating();
  }

  /** The gate of one adapter; empty, and so without cost, where it is 1 throughout. */
  private static NDArray gate(
      NDManager scope,
      FusedLora adapter,
      List<AdapterChoice> choices,
      int[] padding,
      int past,
      int tokens) {
    int layers =
        choices.stream()
            .filter(choice -> choice.adapters().contains(adapter))
            .mapToInt(AdapterPlan::layersOfShares)
            .max()
            .orElse(1);
    float[] gate = new float[layers * choices.size() * tokens];
    boolean open = true;
    for (int layer = 0; layer < layers; layer++) {
      for (int row = 0; row < choices.size(); row++) {
        AdapterChoice choice = choices.get(row);
        float share = share(choice, adapter, layer);
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

  /** For how many layers an adapter has shares: 1 if it has one for all. */
  private static int layersOfShares(AdapterChoice choice) {
    return choice.adapters().isEmpty() ? 1 : choice.shares().size() / choice.adapters().size();
  }

  /** The share of an adapter in a layer; 0 for one that takes no part. */
  private static float share(AdapterChoice choice, AppliedLora adapter, int layer) {
    int index = choice.adapters().indexOf(adapter);
    int layers = layersOfShares(choice);
    return index < 0 ? 0 : choice.shares().get(index * layers + (layers == 1 ? 0 : layer));
  }
}
