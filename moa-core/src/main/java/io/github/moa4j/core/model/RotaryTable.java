package io.github.moa4j.core.model;

import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.checkpoint.RopeConfig;

/**
 * Cosines and sines of the rotary position embedding (Su et al., 2021, eq. 34), in the layout of
 * Hugging Face: the second half of a head repeats the frequencies of the first.
 */
record RotaryTable(float[] cos, float[] sin) {

  /** Computes the tables [maxPositionEmbeddings, headDim] in f64 and rounds them to f32. */
  static RotaryTable of(ModelConfig config) {
    int half = config.headDim() / 2;
    int positions = config.maxPositionEmbeddings();
    float[] cos = new float[positions * config.headDim()];
    float[] sin = new float[cos.length];
    double[] frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = frequency(config.rope(), i, half);
    }
    for (int position = 0; position < positions; position++) {
      int row = position * config.headDim();
      for (int i = 0; i < half; i++) {
        // The reference implementations form the angle in f32.
        double angle = (float) position * (float) frequencies[i];
        cos[row + i] = (float) Math.cos(angle);
        sin[row + i] = (float) Math.sin(angle);
        cos[row + half + i] = cos[row + i];
        sin[row + half + i] = sin[row + i];
      }
    }
    return new RotaryTable(cos, sin);
  }

  private static double frequency(RopeConfig rope, int index, int half) {
    double frequency = Math.pow(rope.theta(), -(double) index / half);
    return switch (rope.scaling()) {
      case NONE -> frequency;
      case LINEAR -> frequency / rope.factor();
      case LLAMA3 -> llama3(rope, frequency);
    };
  }

  /** Long wavelengths are stretched by the factor, short ones kept, those between interpolated. */
  private static double llama3(RopeConfig rope, double frequency) {
    double wavelength = 2 * Math.PI / frequency;
    double context = rope.originalMaxPositionEmbeddings();
    if (wavelength < context / rope.highFreqFactor()) {
      return frequency;
    }
    if (wavelength > context / rope.lowFreqFactor()) {
      return frequency / rope.factor();
    }
    double smooth =
        (context / wavelength - rope.lowFreqFactor())
            / (rope.highFreqFactor() - rope.lowFreqFactor());
    return (1 - smooth) * frequency / rope.factor() + smooth * frequency;
  }
}
