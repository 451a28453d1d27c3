package io.github.moa4j.core.model;

import io.github.moa4j.core.kernel.WeightFormat;

/** Weights in int4, a scale and a zero point for 32 columns. */
final class Int4WeightsTest extends WeightFormatSuite {

  Int4WeightsTest() {
    super(WeightFormat.INT4, Quantised::int4, 3e-2);
  }
}
