package io.github.moa4j.core.checkpoint;

/**
 * Element types of a safetensors file that MoA4J reads. The engine's own enumeration cannot be used
 * here: it ends the JVM when it meets bf16.
 */
public enum DataType {
  /** IEEE 754 binary32. */
  F32(4),
  /** bfloat16: the upper half of a binary32. */
  BF16(2),
  /** IEEE 754 binary16. */
  F16(2),
  /** IEEE 754 binary64. */
  F64(8),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** One byte, 0 or 1. */
  BOOL(1);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
