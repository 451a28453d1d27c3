package io.github.moa4j.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.internal.EngineTypes;
import io.github.moa4j.core.kernel.internal.PyTorchEngine;
import io.github.moa4j.core.kernel.internal.ScriptSource;
import io.github.moa4j.core.kernel.internal.TorchScript;
import java.util.Arrays;
import java.util.Map;

/**
 * The precision in which the base computes. Norms, softmax and the loss accumulate in f32 in both.
 */
public enum ComputeType {
  /** Weights and activations in f32, whatever the checkpoint stores. */
  F32(4),
  /** Weights and activations in bf16: half the memory, and faster where the processor has it. */
  BF16(2);

  private final int bytes;

  ComputeType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Measures which precision this machine multiplies matrices faster in: bf16 where the processor
   * has instructions for it, f32 where bf16 would be emulated. Takes some milliseconds.
   */
  public static ComputeType fastest() {
    ScriptSource source = ScriptSource.of(TorchScript.class, "probe.torchscript");
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript probe = TorchScript.load(manager, source, Map.of())) {
      NDArray square = manager.ones(new Shape(512, 512));
      double[] fastest = new double[values().length];
      Arrays.fill(fastest, Double.POSITIVE_INFINITY);
      for (int round = 0; round < 8; round++) {
        for (int i = 0; i < fastest.length; i++) {
          long start = System.nanoTime();
          probe.run(manager, "multiply", square, square, EngineTypes.code(values()[i]), 4L);
          fastest[i] = Math.min(fastest[i], (double) (System.nanoTime() - start));
        }
      }
      return fastest[0] <= fastest[1] ? F32 : BF16;
    }
  }

  /** Returns the bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
