package io.github.moa4j.router.statistics;

import io.github.moa4j.core.checkpoint.HostTensor;
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
    this(weights.clone(), bias.clone(), state, width);
  }

  /** Takes the arrays over. */
  private StateClassifier(float[] weights, float[] bias, int state, int width) {
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
    this.weights = weights;
    this.bias = bias;
  }

  /**
   * Creates a classifier of what a file holds.
   *
   * @param state index of the state it reads
   * @param weights [domain, width], copied
   * @param bias [domain], copied
   * @throws RouterException if a value is NaN or infinite
   */
  public static StateClassifier of(int state, HostTensor weights, HostTensor bias) {
    int width = Math.toIntExact(weights.shape()[1]);
    return new StateClassifier(weights.toFloatArray(), bias.toFloatArray(), state, width);
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
    return new StateClassifier(foldedWeights, foldedBias, state, width);
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
   * Returns a classifier of some domains alone.
   *
   * @param places of the domains, in the order that they shall have
   */
  public StateClassifier domains(int[] places) {
    float[] keptWeights = new float[places.length * width];
    float[] keptBias = new float[places.length];
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(weights, places[i] * width, keptWeights, i * width, width);
      keptBias[i] = bias[places[i]];
    }
    return new StateClassifier(keptWeights, keptBias, state, width);
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
    double[] wide = new double[width];
    for (int j = 0; j < width; j++) {
      wide[j] = hidden[j];
    }
    double[] scores = new double[bias.length];
    int k = 0;
    for (; k + 3 < scores.length; k += 4) {
      scoreFour(k, wide, scores);
    }
    for (; k < scores.length; k++) {
      double sum = bias[k];
      for (int j = 0; j < width; j++) {
        sum += weights[k * width + j] * wide[j];
      }
      scores[k] = sum;
    }
    return scores;
  }

  /** Four sums side by side, which do not wait for each other: as fast as memory is read. */
  private void scoreFour(int k, double[] hidden, double[] scores) {
    int a = k * width;
    int b = a + width;
    int c = b + width;
    int d = c + width;
    double sumA = bias[k];
    double sumB = bias[k + 1];
    double sumC = bias[k + 2];
    double sumD = bias[k + 3];
    for (int j = 0; j < hidden.length; j++) {
      double value = hidden[j];
      sumA += weights[a + j] * value;
      sumB += weights[b + j] * value;
      sumC += weights[c + j] * value;
      sumD += weights[d + j] * value;
    }
    scores[k] = sumA;
    scores[k + 1] = sumB;
    scores[k + 2] = sumC;
    scores[k + 3] = sumD;
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
