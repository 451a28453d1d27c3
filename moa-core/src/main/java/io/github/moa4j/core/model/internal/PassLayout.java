package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.checkpoint.RotaryFrequencies;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.AdapterChoice;
import java.util.List;

/** Lays token ids, their positions and the choice of adapters out for the kernel. */
final class PassLayout {

  private final int layers;
  private final RotaryFrequencies rotary;
  private final NDArray frequencies; // [1, turned dims / 2], where no length matters

  /**
   * Creates a layout for models of a shape.
   *
   * @param manager owner of what all passes share
   */
  PassLayout(NDManager manager, ModelConfig config) {
    this.layers = config.numHiddenLayers();
    this.rotary = RotaryFrequencies.of(config);
    this.frequencies =
        manager.create(rotary.inverseFrequencies(1), new Shape(1, rotary.rotaryDims() / 2));
  }

  /** A pass over whole sequences. */
  DecoderPass whole(NDManager scope, TokenBatch batch, List<AdapterChoice> choices) {
    return of(
        scope,
        batch.toArray(scope, 0, batch.length()),
        KeyValueCache.visible(scope, batch.padding(), batch.length()),
        batch.lengths(),
        AdapterPlan.of(scope, choices, batch.padding(), 0, batch.length(), layers));
  }

  /** A pass over whole right-padded sequences, without gates. */
  DecoderPass ungated(NDManager scope, TokenBatch batch, List<FusedLora> adapters) {
    return of(
        scope,
        batch.toArray(scope, 0, batch.length()),
        scope.create(new long[0]),
        batch.lengths(),
        new AdapterPlan(AdapterPlan.tensors(scope, adapters, layers), List.of(), 0, List.of()));
  }

  /**
   * A pass over some columns of a batch, which follow what a cache holds.
   *
   * @param lengths tokens of each row in the end, on which its frequencies may depend
   */
  DecoderPass appended(
      NDManager scope,
      TokenBatch batch,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      int[] lengths,
      int from,
      int end) {
    return of(
        scope,
        batch.toArray(scope, from, end),
        cache.visible(),
        lengths,
        AdapterPlan.of(scope, choices, cache.padding(), cache.length(), end - from, layers));
  }

  private DecoderPass of(
      NDManager scope, NDArray tokens, NDArray visible, int[] lengths, AdapterPlan plan) {
    return new DecoderPass(
        tokens,
        visible,
        frequencies(scope, lengths),
        plan.adapters(),
        plan.gates(),
        plan.block(),
        plan.gating());
  }

  /** The frequencies of sequences of those lengths, [1 or rows, turned dims / 2]. */
  private NDArray frequencies(NDManager scope, int[] lengths) {
    if (!rotary.dependsOnLength()) {
      return frequencies;
    }
    int half = rotary.rotaryDims() / 2;
    float[] rows = new float[lengths.length * half];
    for (int row = 0; row < lengths.length; row++) {
      System.arraycopy(rotary.inverseFrequencies(lengths[row]), 0, rows, row * half, half);
    }
    return scope.create(rows, new Shape(lengths.length, half));
  }
}
