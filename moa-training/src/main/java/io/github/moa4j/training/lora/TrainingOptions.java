package io.github.moa4j.training.lora;

import io.github.moa4j.core.lora.LoraConfig;

/**
 * How an adapter is trained.
 *
 * @param lora rank, alpha, dropout and target modules of the adapter
 * @param epochs passes over the training examples
 * @param batchSize examples a forward pass
 * @param accumulationSteps batches an optimiser step
 * @param learningRate peak learning rate
 * @param warmupSteps optimiser steps of linear warm-up
 * @param finalLearningRateShare the cosine schedule ends at this share of the peak; 1 for a
 *     constant rate
 * @param weightDecay decoupled decay of AdamW (Loshchilov and Hutter, 2019)
 * @param maxGradientNorm gradients are scaled down to this global norm; 0 for no clipping
 * @param evaluationsPerEpoch how often the validation loss is measured
 * @param patience training stops after so many evaluations without a better validation loss; 0 for
 *     never
 * @param seed of initialisation, order of examples and dropout
 */
public record TrainingOptions(
    LoraConfig lora,
    int epochs,
    int batchSize,
    int accumulationSteps,
    double learningRate,
    int warmupSteps,
    double finalLearningRateShare,
    double weightDecay,
    double maxGradientNorm,
    int evaluationsPerEpoch,
    int patience,
    long seed) {

  /** Validates the components. */
  public TrainingOptions {
    require(epochs >= 1, "epochs must be at least 1", epochs);
    require(batchSize >= 1, "batchSize must be at least 1", batchSize);
    require(accumulationSteps >= 1, "accumulationSteps must be at least 1", accumulationSteps);
    require(learningRate > 0 && learningRate < 1, "learningRate must be in (0, 1)", learningRate);
    require(warmupSteps >= 0, "warmupSteps must not be negative", warmupSteps);
    require(
        finalLearningRateShare >= 0 && finalLearningRateShare <= 1,
        "finalLearningRateShare must be in [0, 1]",
        finalLearningRateShare);
    require(weightDecay >= 0, "weightDecay must not be negative", weightDecay);
    require(maxGradientNorm >= 0, "maxGradientNorm must not be negative", maxGradientNorm);
    require(
        evaluationsPerEpoch >= 1, "evaluationsPerEpoch must be at least 1", evaluationsPerEpoch);
    require(patience >= 0, "patience must not be negative", patience);
  }

  private static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }

  /** Sensible defaults for an adapter: three passes in batches of 16 at 2e-3, cosine to 5 %. */
  public static TrainingOptions of(LoraConfig lora) {
    return new TrainingOptions(lora, 3, 16, 1, 2e-3, 10, 0.05, 0, 1, 1, 0, 0);
  }

  /** Returns these options with another number of passes. */
  public TrainingOptions withEpochs(int value) {
    return new TrainingOptions(
        lora,
        value,
        batchSize,
        accumulationSteps,
        learningRate,
        warmupSteps,
        finalLearningRateShare,
        weightDecay,
        maxGradientNorm,
        evaluationsPerEpoch,
        patience,
        seed);
  }

  /** Returns these options with another batch size. */
  public TrainingOptions withBatchSize(int value) {
    return new TrainingOptions(
        lora,
        epochs,
        value,
        accumulationSteps,
        learningRate,
        warmupSteps,
        finalLearningRateShare,
        weightDecay,
        maxGradientNorm,
        evaluationsPerEpoch,
        patience,
        seed);
  }

  /** Returns these options with another peak learning rate. */
  public TrainingOptions withLearningRate(double value) {
    return new TrainingOptions(
        lora,
        epochs,
        batchSize,
        accumulationSteps,
        value,
        warmupSteps,
        finalLearningRateShare,
        weightDecay,
        maxGradientNorm,
        evaluationsPerEpoch,
        patience,
        seed);
  }

  /** Returns these options with another seed. */
  public TrainingOptions withSeed(long value) {
    return new TrainingOptions(
        lora,
        epochs,
        batchSize,
        accumulationSteps,
        learningRate,
        warmupSteps,
        finalLearningRateShare,
        weightDecay,
        maxGradientNorm,
        evaluationsPerEpoch,
        patience,
        value);
  }
}
