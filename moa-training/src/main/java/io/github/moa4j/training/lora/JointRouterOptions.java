package io.github.moa4j.training.lora;

import io.github.moa4j.core.model.Pooling;

/**
 * How routers learn beside the experts in the joint stage (Feng et al., 2024). Routers alone are
 * trained by {@link io.github.moa4j.training.router.LayerwiseRouterTrainer}, on the states they
 * will meet.
 *
 * @param labelWeight η, the weight of the routers' mean cross-entropy
 * @param learningRate peak learning rate of the routers
 * @param pooling what they read of a prompt
 */
public record JointRouterOptions(double labelWeight, double learningRate, Pooling pooling) {

  /** Checks the ranges. */
  public JointRouterOptions {
    if (!(labelWeight >= 0 && labelWeight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("labelWeight must be 0 or more, but is " + labelWeight);
    }
    if (!(learningRate > 0 && learningRate < 1)) {
      throw new IllegalArgumentException("learningRate must be in (0, 1): " + learningRate);
    }
  }
}
