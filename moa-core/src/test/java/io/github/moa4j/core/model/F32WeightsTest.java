package io.github.moa4j.core.model;

import io.github.moa4j.core.kernel.WeightFormat;

/** Everything in f32. */
final class F32WeightsTest extends WeightFormatSuite {

  F32WeightsTest() {
    super(WeightFormat.F32, (config, name, tensor) -> tensor, 1e-5);
  }
}
