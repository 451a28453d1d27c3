package io.github.moa4j.core.model;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.kernel.ComputeType;

/** Weights and activations in bf16. */
final class Bf16WeightsTest extends WeightFormatSuite {

  Bf16WeightsTest() {
    super(ComputeType.BF16, DataType.BF16, 3e-2);
  }
}
