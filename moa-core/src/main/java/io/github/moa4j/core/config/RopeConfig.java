package io.github.moa4j.core.config;

import io.github.moa4j.core.config.RopeScaling.LongRope;
import java.util.Objects;

/**
 * Rotary position embedding of a base.
 *
 * @param theta the base of the frequencies ({@code rope_theta})
 * @param rotaryDims how many dimensions of a head are turned, the first ones; the others pass
 *     unchanged ({@code partial_rotary_factor})
 * @param scaling how the frequencies are stretched
 */
public record RopeConfig(double theta, int rotaryDims, RopeScaling scaling) {

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public RopeConfig {
    Objects.requireNonNull(scaling, "scaling");
    require(theta > 0 && Double.isFinite(theta), "theta is not positive: " + theta);
    require(
        rotaryDims > 0 && rotaryDims % 2 == 0,
        "rotaryDims (" + rotaryDims + ") is not a positive even number, rotations need pairs");
    if (scaling instanceof RopeScaling.Dynamic) {
      require(rotaryDims > 2, "dynamic scaling needs more than 2 rotary dimensions");
    }
    if (scaling instanceof RopeScaling.Yarn) {
      require(theta > 1, "yarn scaling needs a theta above 1: " + theta);
    }
    if (scaling instanceof LongRope longRope) {
      requireLength(longRope.shortFactor().size(), rotaryDims, "shortFactor");
      requireLength(longRope.longFactor().size(), rotaryDims, "longFactor");
    }
  }

  /** Plain frequencies of that base over a whole head. */
  public static RopeConfig plain(double theta, int headDim) {
    return new RopeConfig(theta, headDim, new RopeScaling.None());
  }

  private static void requireLength(int length, int rotaryDims, String name) {
    require(
        length == rotaryDims / 2,
        name + " has " + length + " numbers, but half of rotaryDims is " + rotaryDims / 2);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
