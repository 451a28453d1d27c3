package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.lora.LoraWeights;
import java.util.ArrayList;
import java.util.List;

/** The distinct adapters of a batch and, for each, how strongly it acts on every token. */
record AdapterPlan(List<NDArray> adapters, List<NDArray> gates) {

  /**
   * Lays out the choices of a batch.
   *
   * @param scope owner of the gates
   * @param choices one a row
   * @param padding number of padding tokens on the left of each row
   * @param past index of the first new token in the padded rows
   * @param tokens number of new tokens a row
   * @throws IllegalArgumentException if there is not one choice a row
   */
  static AdapterPlan of(
      NDManager scope, List<AdapterChoice> choices, int[] padding, int past, int tokens) {
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
    return new AdapterPlan(adapters, gates);
  }

  /**
   * The gate [rows, tokens] of one expert; empty, and so without cost, where it is 1 throughout.
   */
  private static NDArray gate(
      NDManager scope,
      LoraWeights expert,
      List<AdapterChoice> choices,
      int[] padding,
      int past,
      int tokens) {
    float[] gate = new float[choices.size() * tokens];
    boolean open = true;
    for (int row = 0; row < choices.size(); row++) {
      AdapterChoice choice = choices.get(row);
      int index = choice.experts().indexOf(expert);
      float share = index < 0 ? 0 : choice.shares().get(index);
      int from = choice.fromPosition() == 0 ? 0 : choice.fromPosition() + padding[row] - past;
      open &= share == 1 && from <= 0;
      for (int token = Math.max(from, 0); token < tokens; token++) {
        gate[row * tokens + token] = share;
      }
    }
    return open
        ? scope.create(new float[0])
        : scope.create(gate, new Shape(choices.size(), tokens));
  }
}
