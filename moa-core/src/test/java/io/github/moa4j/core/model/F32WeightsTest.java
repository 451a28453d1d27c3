package io.github.moa4j.core.model;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.kernel.ComputeType;

/** Weights and activations in f32. */
final class F32WeightsTest extends WeightFormatSuite {

  F32WeightsTest() {
    super(ComputeType.F32, DataType.F32, 1e-5);
  }
}
