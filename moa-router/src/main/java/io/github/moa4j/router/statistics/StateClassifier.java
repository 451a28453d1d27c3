package io.github.moa4j.router.statistics;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Scores the domains from one pooled state of the model: scores = weights · h + bias, with h the
 * state or, where there are fewer weights than values, its features (see {@link DomainStatistics}).
 * Immutable.
 *
 * <p>Weights are kept in f32, sums run in f64.
 */
public final class StateClassifier {

  private final int state;
  private final int width;
  private final FeatureSketch sketch;
  private final int features;
  private final float[] weights; // [any domain, features], row-major
  private final int[] rows; // [domain]; where its weights begin
  private final float[] bias; // [domain]

  /**
   * Creates a classifier.
   *
   * @param state index of the state it reads, as in {@link io.github.moa4j.core.model.PromptStates}
   * @param width width of the state
   * @param weights [domain, width] or [domain, features], row-major
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
    FeatureSketch fewer = FeatureSketch.of(width);
    boolean whole = weights.length == (long) width * bias.length;
    if (!whole && weights.length != (long) fewer.features() * bias.length) {
      throw new IllegalArgumentException(
          "The classifier of state "
              + state
              + " needs "
              + bias.length
              + " x "
              + fewer.features()
              + " or "
              + width
              + " weights, not "
              + weights.length);
    }
    requireFinite(weights, state);
    requireFinite(bias, state);
    this.state = state;
    this.width = width;
    this.sketch = fewer;
    this.features = weights.length / bias.length;
    this.weights = weights.clone();
    this.bias = bias.clone();
    this.rows = IntStream.range(0, bias.length).map(k -> k * features).toArray();
  }

  /** Shares the weights of a classifier of more domains, so that many selections cost little. */
  private StateClassifier(StateClassifier all, int[] places) {
    this.state = all.state;
    this.width = all.width;
    this.sketch = all.sketch;
    this.features = all.features;
    this.weights = all.weights;
    this.rows = IntStream.of(places).map(place -> all.rows[place]).toArray();
    this.bias = new float[places.length];
    for (int i = 0; i < places.length; i++) {
      bias[i] = all.bias[places[i]];
    }
  }

  /**
   * Creates a classifier of what a file holds.
   *
   * @param state index of the state it reads
   * @param width width of the state
   * @param weights [domain, width] or [domain, features]
   * @param bias [domain]
   * @throws RouterException if a value is NaN or infinite
   */
  public static StateClassifier of(int state, int width, HostTensor weights, HostTensor bias) {
    return new StateClassifier(state, width, weights.toFloatArray(), bias.toFloatArray());
  }

  /**
   * Creates a classifier from one that was fitted on standardised features, (x - mean) * scale.
   *
   * @param state index of the state it reads
   * @param width width of the state
   * @param weights [domain, features], row-major, on standardised features
   * @param bias [domain], on standardised features
   * @param mean [features]
   * @param scale [features], the inverse standard deviation, or 0 for a feature to be left out
   */
  public static StateClassifier folded(
      int state, int width, double[] weights, double[] bias, double[] mean, double[] scale) {
    Objects.requireNonNull(weights, "weights");
    int features = mean.length;
    float[] foldedWeights = new float[weights.length];
    float[] foldedBias = new float[bias.length];
    for (int k = 0; k < bias.length; k++) {
      double shift = bias[k];
      for (int j = 0; j < features; j++) {
        float weight = (float) (weights[k * features + j] * scale[j]);
        foldedWeights[k * features + j] = weight;
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

  /** Returns how many values or features of the state it weighs. */
  public int features() {
    return features;
  }

  /** Returns the number of domains it scores. */
  public int numDomains() {
    return bias.length;
  }

  /** Returns a copy of the weights, [domain, {@link #features}], row-major. */
  public float[] weights() {
    float[] own = new float[rows.length * features];
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(weights, rows[k], own, k * features, features);
    }
    return own;
  }

  /** Returns a copy of the weights as they are on the values of the state, [domain, width]. */
  public float[] weightsOfValues() {
    return features == width ? weights() : sketch.unfold(weights());
  }

  /** Returns a copy of the bias, [domain]. */
  public float[] bias() {
    return bias.clone();
  }

  /**
   * Returns a classifier of some domains alone.
   *
   * @param places of the domains, at least one, in the order that they shall have
   */
  public StateClassifier domains(int[] places) {
    return new StateClassifier(this, places);
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
    return scoresOf(features == width ? hidden : sketch.apply(hidden));
  }

  /**
   * Scores the domains.
   *
   * @param values the state's values or features, whichever it weighs, [{@link #features}]
   * @return [domain]
   */
  public double[] scoresOf(float[] values) {
    double[] wide = new double[features];
    for (int j = 0; j < features; j++) {
      wide[j] = values[j];
    }
    double[] scores = new double[bias.length];
    int k = 0;
    for (; k + 3 < scores.length; k += 4) {
      scoreFour(k, wide, scores);
    }
    for (; k < scores.length; k++) {
      double sum = bias[k];
      int row = rows[k];
      for (int j = 0; j < features; j++) {
        sum += weights[row + j] * wide[j];
      }
      scores[k] = sum;
    }
    return scores;
  }

  /** Four sums side by side, which do not wait for each other: as fast as memory is read. */
  private void scoreFour(int k, double[] values, double[] scores) {
    int a = rows[k];
    int b = rows[k + 1];
    int c = rows[k + 2];
    int d = rows[k + 3];
    double sumA = bias[k];
    double sumB = bias[k + 1];
    double sumC = bias[k + 2];
    double sumD = bias[k + 3];
    for (int j = 0; j < features; j++) {
      double value = values[j];
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
