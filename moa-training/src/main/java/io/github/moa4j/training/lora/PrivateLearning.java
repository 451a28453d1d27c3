package io.github.moa4j.training.lora;

import io.github.moa4j.training.gradient.internal.Gradients;
import io.github.moa4j.training.privacy.PrivacyGuarantee;
import io.github.moa4j.training.privacy.SecretRandom;
import java.util.List;

/**
 * What keeps the gradients of a run private (DP-SGD; Abadi et al., 2016, algorithm 1). All that
 * comes behind it, the optimiser's moments included, only processes what is private already.
 *
 * @param expectedBatch examples that a step draws on the average: the sum is divided by it, as the
 *     number that was drawn would give itself away
 */
record PrivateLearning(PrivacyGuarantee guarantee, int expectedBatch, SecretRandom random) {

  /** Adds the gradient of each example to the step's, bounded. */
  void accumulate(Optimizer optimizer, List<Gradients> examples) {
    for (Gradients example : examples) {
      optimizer.accumulateClipped(example.arrays(), guarantee.clipNorm());
    }
  }

  /** Ends the step: what the optimiser is shown now is private. */
  void disturb(Optimizer optimizer) {
    optimizer.disturb(random, guarantee.noiseMultiplier() * guarantee.clipNorm(), expectedBatch);
  }
}
