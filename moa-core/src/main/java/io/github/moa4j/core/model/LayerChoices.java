package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What each layer chooses for each prompt when every layer follows its own router in one pass: the
 * state that layer l reads has run through the experts that the layers before it chose.
 */
public final class LayerChoices {

  private static final int HARD = 2; // the kernel's mode of a choice by sequence of one expert

  private LayerChoices() {}

  /**
   * Runs prompts through the model, each layer with the expert that its own router finds most
   * probable.
   *
   * @param prompts token ids
   * @param experts in the order of the routers' scores
   * @param weight f32 [layers, experts, width], of the raw pooled state that enters a layer: as
   *     wide as the model for one pooling, twice as wide for both
   * @param bias f32 [layers, experts]
   * @param mean whether routers read the mean over the prompt's tokens
   * @param last whether routers read the state of its last token, behind the mean if both
   * @return probabilities [prompt][layer][expert]
   * @throws IllegalArgumentException if the weight's width does not fit the poolings
   */
  public static double[][][] of(
      BaseModel model,
      List<int[]> prompts,
      List<LoraWeights> experts,
      HostTensor weight,
      HostTensor bias,
      boolean mean,
      boolean last) {
    int pools = (mean ? 1 : 0) + (last ? 1 : 0);
    int width = pools * model.config().hiddenSize();
    if (pools == 0 || weight.shape()[2] != width) {
      throw new IllegalArgumentException(
          "The routers' weights have width "
              + weight.shape()[2]
              + ", but the pooled states of this model have width "
              + width);
    }
    TokenBatch batch = TokenBatch.rightPadded(prompts);
    try (NDManager scope = model.newScope()) {
      List<NDArray> adapters = new ArrayList<>();
      List<NDArray> gates = new ArrayList<>();
      for (LoraWeights expert : experts) {
        adapters.addAll(expert.tensors());
        gates.add(scope.create(new float[0]));
      }
      List<NDArray> gating =
          List.of(
              scope.create(new long[] {HARD, 0, 1}),
              scope.create(weight.toFloatArray(), new Shape(weight.shape())),
              scope.create(bias.toFloatArray(), new Shape(bias.shape())),
              pool(scope, batch, prompts, mean, last),
              scope.create(new float[0]));
      float[] found =
          model
              .kernel()
              .run(
                  scope,
                  "chosen_experts",
                  batch.toArray(scope, model.vocabSize()),
                  scope.create(new long[0]),
                  adapters,
                  gates,
                  gating)
              .get(0)
              .toFloatArray();
      return unpack(found, prompts.size(), experts.size());
    }
  }

  private static NDArray pool(
      NDManager scope, TokenBatch batch, List<int[]> prompts, boolean mean, boolean last) {
    int pools = mean && last ? 2 : 1;
    float[] pool = new float[batch.rows() * pools * batch.length()];
    for (int row = 0; row < batch.rows(); row++) {
      int length = prompts.get(row).length;
      int first = row * pools * batch.length();
      if (mean) {
        Arrays.fill(pool, first, first + length, 1f / length);
      }
      if (last) {
        pool[first + (pools - 1) * batch.length() + length - 1] = 1;
      }
    }
    return scope.create(pool, new Shape(batch.rows(), pools, batch.length()));
  }

  /** Splits [layers, rows, experts] by row. */
  static double[][][] unpack(float[] found, int rows, int experts) {
    int layers = found.length / rows / experts;
    double[][][] result = new double[rows][layers][experts];
    for (int layer = 0; layer < layers; layer++) {
      for (int row = 0; row < rows; row++) {
        for (int expert = 0; expert < experts; expert++) {
          result[row][layer][expert] = found[(layer * rows + row) * experts + expert];
        }
      }
    }
    return result;
  }
}
