package io.github.moa4j.router.statistics.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FeatureSketchTest {

  private static final int WIDTH = 37;
  private static final int FEATURES = 8;

  private final FeatureSketch sketch = FeatureSketch.of(WIDTH, FEATURES);
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void narrowStatesStayWhole() {
    float[] state = state();
    assertThat(FeatureSketch.of(512).features()).isEqualTo(512);
    assertThat(FeatureSketch.of(WIDTH).apply(state)).isSameAs(state);
  }

  @Test
  void wideStatesHaveAsManyFeaturesWhateverTheirWidth() {
    assertThat(FeatureSketch.of(513).features()).isEqualTo(512);
    assertThat(FeatureSketch.of(8192).features()).isEqualTo(512);
  }

  @Test
  void everyFeatureIsASumOfAsManyValues() {
    int[] values = new int[FEATURES];
    for (int j = 0; j < WIDTH; j++) {
      float[] one = new float[WIDTH];
      one[j] = 1;
      float[] features = sketch.apply(one);
      for (int f = 0; f < FEATURES; f++) {
        values[f] += Math.abs(features[f]) == 1 ? 1 : 0;
      }
    }
    for (int count : values) {
      assertThat(count).isBetween(WIDTH / FEATURES, WIDTH / FEATURES + 1);
    }
  }

  @Test
  void isTheSameInEveryProcess() {
    float[] ramp = new float[600];
    for (int j = 0; j < ramp.length; j++) {
      ramp[j] = j;
    }
    float[] features = FeatureSketch.of(600).apply(ramp);
    assertThat(new float[] {features[0], features[1], features[2], features[511]})
        .containsExactly(GOLDEN);
  }

  private static final float[] GOLDEN = {236, 355, 168, 402}; // statistics on disk depend on it

  @Test
  void weightsOnFeaturesBecomeWeightsOnValues() {
    float[] state = state();
    float[] features = sketch.apply(state);
    float[] weights = new float[2 * FEATURES];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    float[] wide = sketch.unfold(weights);
    for (int row = 0; row < 2; row++) {
      double onFeatures = 0;
      double onValues = 0;
      for (int f = 0; f < FEATURES; f++) {
        onFeatures += weights[row * FEATURES + f] * features[f];
      }
      for (int j = 0; j < WIDTH; j++) {
        onValues += wide[row * WIDTH + j] * state[j];
      }
      assertThat(onValues).isCloseTo(onFeatures, within(1e-4));
    }
  }

  @Test
  void secondMomentsOfStatesBecomeThoseOfFeatures() {
    double[] ofStates = new double[WIDTH * (WIDTH + 1) / 2];
    double[] ofFeatures = new double[FEATURES * (FEATURES + 1) / 2];
    for (int prompt = 0; prompt < 5; prompt++) {
      float[] state = state();
      add(ofStates, state);
      add(ofFeatures, sketch.apply(state));
    }
    assertThat(sketch.moments(ofStates)).containsExactly(ofFeatures, within(1e-3));
  }

  private static void add(double[] packed, float[] x) {
    int p = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j <= i; j++) {
        packed[p++] += (double) x[i] * x[j];
      }
    }
  }

  private float[] state() {
    float[] state = new float[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
      state[j] = (float) random.nextGaussian();
    }
    return state;
  }
}
