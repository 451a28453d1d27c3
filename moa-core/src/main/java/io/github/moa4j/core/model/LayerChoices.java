package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraWeights;
import java.util.ArrayList;
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
   * @param weight f32 [layers, experts, width], of the raw pooled state that enters a layer
   * @param bias f32 [layers, experts]
   * @param pooling what the routers read
   * @return probabilities [prompt][layer][expert]
   * @throws IllegalArgumentException if the weight's width does not fit the poolings
   */
  public static double[][][] of(
      BaseModel model,
      List<int[]> prompts,
      List<LoraWeights> experts,
      HostTensor weight,
      HostTensor bias,
      Pooling pooling) {
    int width = pooling.width(model.config().hiddenSize());
    if (weight.shape()[2] != width) {
      throw new IllegalArgumentException(
          "The routers' weights have width "
              + weight.shape()[2]
              + ", but the pooled states of this model have width "
              + width);
    }
    try (NDManager scope = model.newScope()) {
      List<NDArray> adapters = new ArrayList<>();
      List<NDArray> gates = new ArrayList<>();
      for (LoraWeights expert : experts) {
        adapters.addAll(expert.tensors());
        gates.add(scope.create(new float[0]));
      }
      NDArray routers = scope.create(weight.toFloatArray(), new Shape(weight.shape()));
      NDArray routersBias = scope.create(bias.toFloatArray(), new Shape(bias.shape()));
      return run(
          model,
          scope,
          prompts,
          adapters,
          gates,
          scope.create(new long[] {HARD, 0, 1}),
          routers,
          routersBias,
          pooling);
    }
  }

  /**
   * Runs prompts through experts that the layers choose among by sequence.
   *
   * @param settings mode, rank of an expert and top k, as the kernel reads them
   */
  static double[][][] run(
      BaseModel model,
      NDManager scope,
      List<int[]> prompts,
      List<NDArray> adapters,
      List<NDArray> gates,
      NDArray settings,
      NDArray weight,
      NDArray bias,
      Pooling pooling) {
    TokenBatch batch = TokenBatch.rightPadded(prompts);
    int[] lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
    NDArray nothing = scope.create(new float[0]);
    List<NDArray> gating =
        List.of(
            settings, weight, bias, PromptPools.weights(scope, pooling, batch, lengths), nothing);
    NDList chosen =
        model
            .kernel()
            .run(
                scope,
                "chosen_experts",
                batch.toArray(scope, model.vocabSize()),
                scope.create(new long[0]),
                adapters,
                gates,
                gating);
    int experts = Math.toIntExact(bias.getShape().get(1));
    return unpack(chosen.get(0).toFloatArray(), prompts.size(), experts);
  }

  /** Splits [layers, rows, experts] by row. */
  private static double[][][] unpack(float[] found, int rows, int experts) {
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
