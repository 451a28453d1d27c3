package io.github.moa4j.examples.study.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** What the engine reaches on this machine in single operations. Owns native memory. */
final class Machine implements AutoCloseable {

  private static final int ROWS = 512;
  private static final int INNER = 576;
  private static final int COLUMNS = 1536;
  private static final int PRODUCTS = 40;
  private static final long READ_ELEMENTS = 64L << 20;

  private final NDManager manager;
  private final NDArray left;
  private final NDArray right;

  Machine(NDManager manager) {
    this.manager = manager;
    this.left = manager.ones(new Shape(ROWS, INNER)).muli(0.01f);
    this.right = manager.ones(new Shape(INNER, COLUMNS)).muli(0.01f);
  }

  /** FLOP/s of f32 512×576 times 576×1536. */
  double matmul() {
    product();
    long start = System.nanoTime();
    for (int i = 0; i < PRODUCTS; i++) {
      product();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return 2.0 * ROWS * INNER * COLUMNS * PRODUCTS / seconds;
  }

  private void product() {
    left.matMul(right).close();
  }

  /** Bytes a second of summing 256 MB of f32. */
  double read() {
    try (NDManager scope = manager.newSubManager()) {
      NDArray values = scope.ones(new Shape(READ_ELEMENTS));
      values.sum().close();
      long start = System.nanoTime();
      float sum = values.sum().getFloat();
      double seconds = (System.nanoTime() - start) / 1e9;
      if (!(sum > 0)) {
        throw new IllegalStateException("The engine sums ones to " + sum);
      }
      return Float.BYTES * READ_ELEMENTS / seconds;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
