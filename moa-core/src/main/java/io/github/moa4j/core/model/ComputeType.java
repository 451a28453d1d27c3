package io.github.moa4j.core.model;

/**
 * The precision in which the base computes. Norms, softmax and the loss accumulate in f32 in both.
 */
public enum ComputeType {
  /** Weights and activations in f32, whatever the checkpoint stores. */
  F32(6, 4),
  /** Weights and activations in bf16: half the memory, and faster where the processor has it. */
  BF16(15, 2);

  private final long code;
  private final int bytes;

  ComputeType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The engine's own number of the type. */
  long code() {
    return code;
  }

  /** Returns the bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
