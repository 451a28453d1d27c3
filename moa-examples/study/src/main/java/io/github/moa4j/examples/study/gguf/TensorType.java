package io.github.moa4j.examples.study.gguf;

import java.nio.ByteBuffer;

/**
 * How GGUF stores the elements of a row. The quantised types take blocks of 32 elements, each with
 * a scale of its own in f16 (ggml's {@code block_q8_0} and {@code block_q4_0}).
 */
public enum TensorType {
  /** Four bytes an element. */
  F32(0, 0, 1, 4),
  /** The upper two bytes of f32. */
  BF16(30, 32, 1, 2),
  /** A scale and 32 signed bytes. */
  Q8_0(8, 7, 32, 34),
  /** A scale and 32 numbers of four bits: the first 16 in the low halves of the bytes. */
  Q4_0(2, 2, 32, 18);

  private final int id;
  private final int fileType;
  private final int blockElements;
  private final int blockBytes;

  TensorType(int id, int fileType, int blockElements, int blockBytes) {
    this.id = id;
    this.fileType = fileType;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  int id() {
    return id;
  }

  /** Returns the value of {@code general.file_type} where most tensors are of this type. */
  int fileType() {
    return fileType;
  }

  long bytes(long elements) {
    return elements / blockElements * blockBytes;
  }

  /** Tells whether a row of so many elements is made of whole blocks. */
  boolean takes(int columns) {
    return columns % blockElements == 0;
  }

  /** Appends a row that it {@link #takes} to a little-endian buffer. */
  void encode(float[] row, ByteBuffer target) {
    for (int block = 0; block < row.length; block += blockElements) {
      switch (this) {
        case F32 -> target.putFloat(row[block]);
        case BF16 -> target.putShort((short) (Float.floatToRawIntBits(row[block]) >>> 16));
        case Q8_0 -> eightBits(row, block, target);
        case Q4_0 -> fourBits(row, block, target);
      }
    }
  }

  private static void eightBits(float[] row, int block, ByteBuffer target) {
    float scale = Math.abs(farthest(row, block)) / 127;
    target.putShort(half(scale));
    for (int i = block; i < block + 32; i++) {
      target.put((byte) (scale == 0 ? 0 : Math.round(row[i] / scale)));
    }
  }

  /** The element farthest from zero becomes -8, of whichever sign it is. */
  private static void fourBits(float[] row, int block, ByteBuffer target) {
    float scale = farthest(row, block) / -8;
    target.putShort(half(scale));
    for (int i = block; i < block + 16; i++) {
      target.put((byte) (fourBits(row[i], scale) | (fourBits(row[i + 16], scale) << 4)));
    }
  }

  private static int fourBits(float value, float scale) {
    return scale == 0 ? 8 : Math.min(15, (int) (value / scale + 8.5f));
  }

  private static float farthest(float[] row, int block) {
    float farthest = 0;
    for (int i = block; i < block + 32; i++) {
      if (Math.abs(row[i]) > Math.abs(farthest)) {
        farthest = row[i];
      }
    }
    return farthest;
  }

  /** Rounds to f16; what is too small for it becomes 0, what is too large infinite. */
  static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int exponent = ((bits >>> 23) & 0xFF) - 127 + 15;
    if (exponent >= 31) {
      return (short) (sign | 0x7C00);
    }
    int mantissa = (bits & 0x7FFFFF) | 0x800000;
    int shift = exponent > 0 ? 13 : 14 - exponent;
    if (shift > 24) {
      return (short) sign;
    }
    int rounded = (mantissa + (1 << (shift - 1)) - 1 + ((mantissa >>> shift) & 1)) >>> shift;
    // A carry out of the mantissa is the next exponent, as it should be.
    return (short) (sign | (exponent > 0 ? rounded + ((exponent - 1) << 10) : rounded));
  }
}
