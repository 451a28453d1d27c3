package io.github.moa4j.router.statistics;

import io.github.moa4j.router.RouterException;
import java.util.Objects;

/**
 * Scores the domains from one pooled state of the model: scores = weights · h + bias. Immutable.
 *
 * <p>Weights are kept in f32, sums run in f64.
 */
public final class StateClassifier {

  private final int state;
  private final int width;
  private final float[] weights; // [domain, width], row-major
  private final float[] bias; // [domain]

  /**
   * Creates a classifier.
   *
   * @param state index of the state it reads, as in {@link io.github.moa4j.core.model.PromptStates}
   * @param width width of the state
   * @param weights [domain, width], row-major
   * @param bias [domain]
   * @throws RouterException if a value is NaN or infinite
   */
  public StateClassifier(int state, int width, float[] weights, float[] bias) {
    if (state < 0 || width < 1 || bias.length < 1) {
      throw new IllegalArgumentException(
          "A classifier needs a state of 0 or more, a width and a domain, but has state "
              + state
              + ", width "
              + width
              + " and "
              + bias.length
              + " domains");
    }
    if (weights.length != (long) width * bias.length) {
      throw new IllegalArgumentException(
          "The classifier of state "
              + state
              + " needs "
              + bias.length
              + " x "
              + width
              + " weights, not "
              + weights.length);
    }
    requireFinite(weights, state);
    requireFinite(bias, state);
    this.state = state;
    this.width = width;
    this.weights = weights.clone();
    this.bias = bias.clone();
  }

  /**
   * Creates a classifier from one that was fitted on standardised features, (h - mean) * scale.
   *
   * @param state index of the state it reads
   * @param weights [domain][width], on standardised features
   * @param bias [domain], on standardised features
   * @param mean [width]
   * @param scale [width], the inverse standard deviation, or 0 for a feature to be left out
   */
  public static StateClassifier folded(
      int state, double[][] weights, double[] bias, double[] mean, double[] scale) {
    Objects.requireNonNull(weights, "weights");
    int width = mean.length;
    float[] foldedWeights = new float[weights.length * width];
    float[] foldedBias = new float[bias.length];
    for (int k = 0; k < weights.length; k++) {
      double shift = bias[k];
      for (int j = 0; j < width; j++) {
        float weight = (float) (weights[k][j] * scale[j]);
        foldedWeights[k * width + j] = weight;
        shift -= weight * mean[j]; // with the rounded weight, so that the rounding cancels
      }
      foldedBias[k] = (float) shift;
    }
    return new StateClassifier(state, width, foldedWeights, foldedBias);
  }

  /** Returns the index of the state this classifier reads. */
  public int state() {
    return state;
  }

  /** Returns the width of the state. */
  public int width() {
    return width;
  }

  /** Returns the number of domains it scores. */
  public int numDomains() {
    return bias.length;
  }

  /** Returns a copy of the weights, [domain, width], row-major. */
  public float[] weights() {
    return weights.clone();
  }

  /** Returns a copy of the bias, [domain]. */
  public float[] bias() {
    return bias.clone();
  }

  /**
   * Scores the domains.
   *
   * @param hidden the pooled state, [width]
   * @return [domain]
   * @throws RouterException if the state has another width
   */
  public double[] scores(float[] hidden) {
    if (hidden.length != width) {
      throw new RouterException(
          "The router was fitted on states of width "
              + width
              + ", but state "
              + state
              + " of this prompt has width "
              + hidden.length
              + ": the router belongs to another base model.");
    }
    double[] scores = new double[bias.length];
    for (int k = 0; k < scores.length; k++) {
      double sum = bias[k];
      int row = k * width;
      for (int j = 0; j < width; j++) {
        sum += (double) weights[row + j] * hidden[j];
      }
      scores[k] = sum;
    }
    return scores;
  }

  private static void requireFinite(float[] values, int state) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new RouterException(
            "The router's weights for state " + state + " hold NaN or infinity. Fit it again.");
      }
    }
  }
}
