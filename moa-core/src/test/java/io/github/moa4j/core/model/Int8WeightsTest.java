package io.github.moa4j.core.model;

import io.github.moa4j.core.kernel.WeightFormat;

/** Weights in int8, a scale a row. */
final class Int8WeightsTest extends WeightFormatSuite {

  Int8WeightsTest() {
    super(WeightFormat.INT8, Quantised::int8, 3e-2);
  }
}
