package io.github.moa4j.core.model;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.kernel.WeightFormat;

/** Weights packed in bf16. */
final class Bf16WeightsTest extends WeightFormatSuite {

  Bf16WeightsTest() {
    super(
        WeightFormat.BF16,
        (config, name, tensor) -> SampleCheckpoints.convert(tensor, DataType.BF16),
        3e-2);
  }
}
