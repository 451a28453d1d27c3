package io.github.moa4j.core.config;

import io.github.moa4j.core.config.RopeScaling.Dynamic;
import io.github.moa4j.core.config.RopeScaling.Linear;
import io.github.moa4j.core.config.RopeScaling.Llama3;
import io.github.moa4j.core.config.RopeScaling.LongRope;
import io.github.moa4j.core.config.RopeScaling.Yarn;
import java.util.List;

/**
 * The frequencies of the rotary position embedding (Su et al., 2021, eq. 15 and 34): a token at
 * position p turns the dimensions i and i + {@link #rotaryDims()} / 2 of every query and key head
 * by the angle p · frequency[i], and dimensions from {@link #rotaryDims()} on not at all. Cosines
 * and sines are multiplied by {@link #attentionFactor()}.
 *
 * <p>Computed in f64 and rounded to f32, as the model's angles are. Immutable.
 */
public final class RotaryFrequencies {

  private final RopeConfig rope;
  private final double[] plain;

  private RotaryFrequencies(RopeConfig rope) {
    this.rope = rope;
    this.plain = powers(rope.theta(), rope.rotaryDims());
  }

  /** Returns the frequencies of a model of that shape, of its layers without a window. */
  public static RotaryFrequencies of(ModelConfig config) {
    return of(config.rope());
  }

  /** Returns the frequencies of a rotary position embedding. */
  public static RotaryFrequencies of(RopeConfig rope) {
    return new RotaryFrequencies(rope);
  }

  /** Returns how many dimensions of a head are turned: the first ones, an even number. */
  public int rotaryDims() {
    return rope.rotaryDims();
  }

  /** Returns what cosines and sines of queries and keys are multiplied by; 1 for most models. */
  public double attentionFactor() {
    if (rope.scaling() instanceof Yarn yarn) {
      return yarn.attentionFactor();
    }
    return rope.scaling() instanceof LongRope longRope ? longRope.attentionFactor() : 1;
  }

  /** Returns whether sequences of different lengths may have different frequencies. */
  public boolean dependsOnLength() {
    return rope.scaling() instanceof Dynamic || rope.scaling() instanceof LongRope;
  }

  /**
   * Computes the frequencies.
   *
   * @param sequenceLength tokens of the whole sequence, those in a cache included
   * @return [rotaryDims / 2], in radians a position
   * @throws IllegalArgumentException if the length is not positive
   */
  public float[] inverseFrequencies(int sequenceLength) {
    if (sequenceLength <= 0) {
      throw new IllegalArgumentException("The length is not positive: " + sequenceLength);
    }
    double[] frequencies = scaled(sequenceLength);
    float[] rounded = new float[frequencies.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) frequencies[i];
    }
    return rounded;
  }

  private double[] scaled(int sequenceLength) {
    RopeScaling scaling = rope.scaling();
    if (scaling instanceof Linear linear) {
      return divided(linear.factor());
    }
    if (scaling instanceof Dynamic dynamic) {
      return dynamic(dynamic, sequenceLength);
    }
    if (scaling instanceof Llama3 llama3) {
      return llama3(llama3);
    }
    if (scaling instanceof Yarn yarn) {
      return yarn(yarn);
    }
    if (scaling instanceof LongRope longRope) {
      boolean isLong = sequenceLength > longRope.originalMaxPositionEmbeddings();
      return divided(isLong ? longRope.longFactor() : longRope.shortFactor());
    }
    return plain;
  }

  private static double[] powers(double theta, int dims) {
    double[] powers = new double[dims / 2];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = Math.pow(theta, -2.0 * i / dims);
    }
    return powers;
  }

  private double[] divided(double divisor) {
    double[] result = new double[plain.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = plain[i] / divisor;
    }
    return result;
  }

  private double[] divided(List<Double> divisors) {
    double[] result = new double[plain.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = plain[i] / divisors.get(i);
    }
    return result;
  }

  /** The base grows so that the lowest frequency still spans the sequence. */
  private double[] dynamic(Dynamic scaling, int sequenceLength) {
    int dims = rope.rotaryDims();
    double stretch =
        (double) Math.max(sequenceLength, scaling.maxPositionEmbeddings())
            / scaling.maxPositionEmbeddings();
    double growth = scaling.factor() * stretch - (scaling.factor() - 1);
    return powers(rope.theta() * Math.pow(growth, (double) dims / (dims - 2)), dims);
  }

  /** Long wavelengths are stretched by the factor, short ones kept, those between interpolated. */
  private double[] llama3(Llama3 scaling) {
    double[] result = plain.clone();
    for (int i = 0; i < result.length; i++) {
      double turns = scaling.originalMaxPositionEmbeddings() * plain[i] / (2 * Math.PI);
      double kept =
          (turns - scaling.lowFreqFactor()) / (scaling.highFreqFactor() - scaling.lowFreqFactor());
      result[i] = mixed(plain[i], scaling.factor(), kept);
    }
    return result;
  }

  /** As Llama 3, but the ramp runs over the dimensions instead of the turns (yarn, section 3.2). */
  private double[] yarn(Yarn scaling) {
    double low = yarnDimension(scaling, scaling.betaFast());
    double high = yarnDimension(scaling, scaling.betaSlow());
    if (scaling.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, rope.rotaryDims() - 1.0);
    double width = low == high ? 0.001 : high - low;
    double[] result = plain.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = mixed(plain[i], scaling.factor(), 1 - (i - low) / width);
    }
    return result;
  }

  /** The index, whole or not, of the pair that turns that often in the context of training. */
  private double yarnDimension(Yarn scaling, double turns) {
    double wavelength = scaling.originalMaxPositionEmbeddings() / (turns * 2 * Math.PI);
    return rope.rotaryDims() * Math.log(wavelength) / (2 * Math.log(rope.theta()));
  }

  /** Share 1 and above keeps a frequency, share 0 and below divides it by the factor. */
  private static double mixed(double frequency, double factor, double share) {
    double kept = Math.min(1, Math.max(0, share));
    return frequency * kept + frequency / factor * (1 - kept);
  }
}
