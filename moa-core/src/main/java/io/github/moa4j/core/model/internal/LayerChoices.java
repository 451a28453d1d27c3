package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.Pooling;
import java.util.List;

/**
 * What each layer chooses for each prompt when every layer follows its own router in one pass: the
 * state that layer l reads has run through the adapters that the layers before it chose.
 */
public final class LayerChoices {

  private LayerChoices() {}

  /**
   * Runs prompts through the model, each layer with the adapter that its own router finds most
   * probable.
   *
   * @param prompts token ids
   * @param adapters in the order of the routers' scores
   * @param weight f32 [layers, adapters, width], of the raw pooled state that enters a layer
   * @param bias f32 [layers, adapters]
   * @param pooling what the routers read
   * @return probabilities [prompt][layer][adapter]
   * @throws IllegalArgumentException if the weight's width does not fit the poolings
   */
  public static double[][][] of(
      Decoder decoder,
      List<int[]> prompts,
      List<AppliedLora> adapters,
      HostTensor weight,
      HostTensor bias,
      Pooling pooling) {
    int width = pooling.width(decoder.config().hiddenSize());
    if (weight.shape()[2] != width) {
      throw new IllegalArgumentException(
          "The routers' weights have width "
              + weight.shape()[2]
              + ", but the pooled states of this model have width "
              + width);
    }
    TokenBatch batch = TokenBatch.of(prompts);
    int[] lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
    try (NDManager scope = decoder.newScope()) {
      List<FusedLora> applied = adapters.stream().map(FusedLora::of).toList();
      applied.forEach(AdapterParts::requireLayersOnly);
      NDArray found =
          decoder
              .kernel()
              .chosenAdapters(
                  scope,
                  decoder.pass(scope, batch),
                  applied.stream().map(FusedLora::tensors).toList(),
                  scope.create(weight.toFloatArray(), new Shape(weight.shape())),
                  scope.create(bias.toFloatArray(), new Shape(bias.shape())),
                  PromptPools.weights(scope, pooling, batch, lengths),
                  Pieces.TOKENS);
      return unpack(found.toFloatArray(), prompts.size(), adapters.size());
    }
  }

  /**
   * Checks that an adapter can be chosen in some layers and not in others.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if it changes the embedding or the head
   */
  public static void requireFit(AppliedLora adapter) {
    AdapterParts.requireLayersOnly(FusedLora.of(adapter));
  }

  /** Splits [layers, rows, adapters] by row. */
  public static double[][][] unpack(float[] found, int rows, int adapters) {
    int layers = found.length / rows / adapters;
    double[][][] result = new double[rows][layers][adapters];
    for (int layer = 0; layer < layers; layer++) {
      for (int row = 0; row < rows; row++) {
        for (int adapter = 0; adapter < adapters; adapter++) {
          result[row][layer][adapter] = found[(layer * rows + row) * adapters + adapter];
        }
      }
    }
    return result;
  }
}
