package io.github.moa4j.core.checkpoint;

/** Conversions between binary32 and the two 16-bit formats, on their bits. */
final class FloatBits {

  private FloatBits() {}

  static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Widens IEEE 754 binary16; the JDK has this from version 20 on only. */
  static float f16ToFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0x1F) {
      return Float.intBitsToFloat(sign | 0x7F800000 | (fraction << 13));
    }
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
  }

  /** Rounds the bits of a binary32 to bf16, to nearest, ties to even; a NaN stays a NaN. */
  static short toBf16(int bits) {
    if ((bits & 0x7FFFFFFF) > 0x7F800000) {
      int upper = bits >>> 16;
      return (short) ((upper & 0x7F) == 0 ? upper | 0x40 : upper);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /**
   * Rounds to IEEE 754 binary16, to nearest, ties to even; the JDK has this from version 20 on
   * only.
   */
  static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    int rounded;
    if (magnitude > 0x7F800000) {
      rounded = 0x7E00; // NaN
    } else if (magnitude >= 0x477FF000) { // halfway from the greatest to what would come behind it
      rounded = 0x7C00;
    } else if (magnitude < 0x38800000) { // a multiple of the least
      rounded = (int) Math.rint(Math.abs(value) * 0x1p24);
    } else {
      rounded = (magnitude - 0x38000000 + 0xFFF + (magnitude >>> 13 & 1)) >>> 13;
    }
    return (short) (sign | rounded);
  }
}
