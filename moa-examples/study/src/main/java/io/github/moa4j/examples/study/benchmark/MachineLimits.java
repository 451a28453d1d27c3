package io.github.moa4j.examples.study.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.process.Measurements;

/** What the engine reaches on this machine in single operations, when asked. */
public final class MachineLimits {

  /** Bytes a second of reading memory. */
  static final String READ = "read";

  /** Tokens of a pass whose products are measured. */
  static final int ROWS = 512;

  private static final long ELEMENTS = 64L << 20;

  private MachineLimits() {}

  /** Arguments: columns and rows of the matrix whose products are measured. */
  public static void main(String[] args) {
    int inner = Integer.parseInt(args[0]);
    int columns = Integer.parseInt(args[1]);
    Measurements measurements = new Measurements();
    WeightFormat.fastest(); // starts the engine as the library does
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray values = manager.ones(new Shape(ELEMENTS));
      measurements.with(READ, () -> read(values));
      for (WeightFormat format : new WeightFormat[] {WeightFormat.F32, WeightFormat.BF16}) {
        measurements.with(format.name(), () -> format.productSpeed(ROWS, inner, columns));
      }
      measurements.answer();
    }
  }

  /** Bytes a second of summing 256 MB of f32. */
  private static double read(NDArray values) {
    long start = System.nanoTime();
    float sum = values.sum().getFloat();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (!(sum > 0)) {
      throw new IllegalStateException("The engine sums ones to " + sum);
    }
    return Float.BYTES * ELEMENTS / seconds;
  }
}
