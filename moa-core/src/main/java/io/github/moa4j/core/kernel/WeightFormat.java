package io.github.moa4j.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.internal.PyTorchEngine;
import io.github.moa4j.core.kernel.internal.ScriptSource;
import io.github.moa4j.core.kernel.internal.TorchScript;
import java.util.Map;

/**
 * How the weights of a frozen base lie in memory, whatever the checkpoint stores. States, norms,
 * softmax, adapters and the loss are f32 in all of them; {@code docs/performance.md} has what each
 * costs in speed, memory and quality.
 */
public enum WeightFormat {
  /** 4 bytes a weight; products in f32. */
  F32,
  /** 2 bytes a weight, laid out for the processor; products in bf16. */
  BF16,
  /** 1 byte a weight and a scale for each output channel; products in bf16. */
  INT8,
  /**
   * 4 bits a weight, and a scale and a zero point for 32 of them: 5 bits in all; products in bf16.
   * The embedding is {@link #INT8} and with it a tied head, and so is a map whose sizes are no
   * multiples of 64 and 32.
   */
  INT4;

  private static final long F32_CODE = 6;
  private static final long BF16_CODE = 15;
  private static final int ROUNDS = 8;
  private static final int PRODUCTS = 4;

  /**
   * Measures which of {@link #F32} and {@link #BF16} this machine multiplies matrices faster in:
   * bf16 where the processor has instructions for it, f32 where bf16 would be emulated. Takes some
   * milliseconds.
   */
  public static WeightFormat fastest() {
    return F32.productSpeed(512, 512, 512) >= BF16.productSpeed(512, 512, 512) ? F32 : BF16;
  }

  /**
   * Measures how fast this machine multiplies plain matrices, [rows, inner] by [inner, columns], in
   * the type that this format's products have: the limit of a pass over many tokens.
   *
   * @return FLOP/s, the best of some tries
   */
  public double productSpeed(int rows, int inner, int columns) {
    ScriptSource source = ScriptSource.of(TorchScript.class, "probe.torchscript");
    double fastest = Double.POSITIVE_INFINITY;
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript probe = TorchScript.load(manager, source, Map.of())) {
      NDArray left = manager.ones(new Shape(rows, inner));
      NDArray right = manager.ones(new Shape(inner, columns));
      for (int round = 0; round < ROUNDS; round++) {
        // what a round makes is freed before the next, which would else ask the system for more
        try (NDManager scope = manager.newSubManager()) {
          long start = System.nanoTime();
          probe.run(
              scope, "multiply", left, right, this == F32 ? F32_CODE : BF16_CODE, (long) PRODUCTS);
          fastest = Math.min(fastest, (double) (System.nanoTime() - start));
        }
      }
    }
    return 2e9 * rows * inner * columns * PRODUCTS / fastest;
  }
}
