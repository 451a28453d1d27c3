package io.github.moa4j.core;

/** How far computed values are from what they should be. */
public final class Differences {

  private Differences() {}

  /** The greatest absolute difference of two elements. */
  public static double max(float[] actual, float[] expected) {
    requireSameLength(actual, expected);
    double max = 0;
    for (int i = 0; i < actual.length; i++) {
      double difference = Math.abs((double) actual[i] - expected[i]);
      // NaN compares false with everything and must not pass.
      max = difference <= max ? max : difference;
    }
    return max;
  }

  /** ‖actual − expected‖ / ‖expected‖. */
  public static double relative(float[] actual, float[] expected) {
    requireSameLength(actual, expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private static void requireSameLength(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(actual.length + " values, expected " + expected.length);
    }
  }
}
