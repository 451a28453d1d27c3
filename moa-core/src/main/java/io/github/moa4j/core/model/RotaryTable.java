package io.github.moa4j.core.model;

import io.github.moa4j.core.checkpoint.CheckpointException;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.checkpoint.RotaryFrequencies;

/**
 * Cosines and sines of the rotary position embedding (Su et al., 2021, eq. 34), in the layout of
 * Hugging Face: the second half of a head repeats the frequencies of the first.
 */
record RotaryTable(float[] cos, float[] sin) {

  /** Computes the tables [maxPositionEmbeddings, headDim] in f64 and rounds them to f32. */
  static RotaryTable of(ModelConfig config) {
    RotaryFrequencies rotary = RotaryFrequencies.of(config);
    if (rotary.dependsOnLength() || rotary.rotaryDims() != config.headDim()) {
      throw new CheckpointException(
          "The rotary settings of this base are not supported yet: " + config.rope() + ".");
    }
    int half = config.headDim() / 2;
    int positions = config.maxPositionEmbeddings();
    float[] cos = new float[positions * config.headDim()];
    float[] sin = new float[cos.length];
    float[] frequencies = rotary.inverseFrequencies(positions);
    for (int position = 0; position < positions; position++) {
      int row = position * config.headDim();
      for (int i = 0; i < half; i++) {
        // The reference implementations form the angle in f32.
        double angle = (float) position * frequencies[i];
        cos[row + i] = (float) (Math.cos(angle) * rotary.attentionFactor());
        sin[row + i] = (float) (Math.sin(angle) * rotary.attentionFactor());
        cos[row + half + i] = cos[row + i];
        sin[row + half + i] = sin[row + i];
      }
    }
    return new RotaryTable(cos, sin);
  }
}
