package io.github.moa4j.router.statistics;

import io.github.moa4j.router.statistics.internal.TokenGrams;
import java.util.List;
import java.util.Optional;

/**
 * Tells by its grams whether a prompt is rather of a domain or of none: logistic regression with a
 * weight for each bin, learnt of the domain's prompts against texts of no domain. Of each prompt
 * the bins it has are 1 / √(their number), so that short and long ones have the same length. It
 * takes no other domain's data, and none comes or goes with it.
 *
 * <p>Prompts and texts weigh the same in all, however many there are of either: with C_i their cost
 * and y_i = ±1 it minimises ½|w|² + Σ C_i log(1 + exp(−y_i w·x_i)), by coordinate ascent in the
 * dual (Yu, Huang and Lin, 2011, "Dual coordinate descent methods for logistic regression and
 * maximum entropy models", section 3).
 *
 * <p>What it says of prompts it has learnt is surer than what it says of others, the more so the
 * fewer there were. So its scores z become a z + b, as prompts and texts that it has not learnt ask
 * for (Platt, 1999), with a priori a = 1 and b = 0 ± 1, and a at most 1.
 *
 * <p>A weight takes a byte: it is a multiple of the least power of two of which 127 reach the
 * greatest one. Immutable and thread-safe.
 */
public final class GramRegression {

  /** The cost of a prompt where there are as many as texts. */
  private static final double COST = 100;

  private static final int PASSES = 100;
  private static final int MOST_STEPS = 30; // of Newton's method
  private static final double TOLERANCE = 1e-6;
  private static final int CALIBRATION_STEPS = 50; // of Newton's method
  private static final double LONGEST_STEP_OF_A = 0.2;
  private static final int MOST_BITS = 6; // of a byte, behind the first

  private final byte[] weights; // [bin], in steps
  private final float step; // a power of two
  private final float constant; // added to all

  /**
   * Makes a regression of weights, rounded to steps.
   *
   * @param weights of each bin and, behind them, what is added to every prompt's score
   * @throws IllegalArgumentException if they are of another number, or one is not finite
   */
  public GramRegression(float[] weights) {
    if (weights.length != TokenGrams.BINS + 1) {
      throw new IllegalArgumentException(
          "A regression of grams has %d weights, not %d"
              .formatted(TokenGrams.BINS + 1, weights.length));
    }
    float greatest = Float.MIN_NORMAL;
    for (float weight : weights) {
      if (!Float.isFinite(weight)) {
        throw new IllegalArgumentException("A regression of grams has a weight of " + weight);
      }
    }
    for (int bin = 0; bin < TokenGrams.BINS; bin++) {
      greatest = Math.max(greatest, Math.abs(weights[bin]));
    }
    this.step = stepOf(greatest);
    this.weights = new byte[TokenGrams.BINS];
    for (int bin = 0; bin < TokenGrams.BINS; bin++) {
      this.weights[bin] = (byte) Math.round(weights[bin] / step);
    }
    this.constant = weights[TokenGrams.BINS];
  }

  private static float stepOf(float greatest) {
    float step = Math.scalb(1f, Math.getExponent(greatest) - MOST_BITS);
    return Math.round(greatest / step) <= Byte.MAX_VALUE ? step : 2 * step;
  }

  /** Returns the regression of these weights; none if all are 0, which tell nothing. */
  public static Optional<GramRegression> of(float[] weights) {
    for (float weight : weights) {
      if (weight != 0) {
        return Optional.of(new GramRegression(weights));
      }
    }
    return Optional.empty();
  }

  /**
   * Learns to tell prompts from texts. The same bins in the same order give the same weights.
   *
   * @param prompts the bins of each prompt of the domain, at least one
   * @param texts the bins of each text of no domain, at least one
   * @param otherPrompts such that are not learnt
   * @param otherTexts such that are not learnt
   */
  public static GramRegression fit(
      List<int[]> prompts, List<int[]> texts, List<int[]> otherPrompts, List<int[]> otherTexts) {
    float[] weights = solved(prompts, texts);
    double[] line = line(scores(weights, otherPrompts), scores(weights, otherTexts));
    for (int bin = 0; bin < weights.length; bin++) {
      weights[bin] *= (float) line[0];
    }
    weights[TokenGrams.BINS] += (float) line[1];
    return new GramRegression(weights);
  }

  private static double[] scores(float[] weights, List<int[]> all) {
    return all.stream().mapToDouble(bins -> score(weights, bins)).toArray();
  }

  /** The a and b of a z + b, by Newton's method; prompts and texts weigh the same in all. */
  private static double[] line(double[] prompts, double[] texts) {
    double a = 1;
    double b = 0;
    for (int step = 0; step < CALIBRATION_STEPS; step++) {
      double[] slope = {a - 1, b};
      double[] curve = {1, 0, 1};
      add(prompts, 1, weight(prompts, texts), a, b, slope, curve);
      add(texts, 0, weight(texts, prompts), a, b, slope, curve);
      double determinant = curve[0] * curve[2] - curve[1] * curve[1];
      double down = (curve[2] * slope[0] - curve[1] * slope[1]) / determinant;
      double across = (curve[0] * slope[1] - curve[1] * slope[0]) / determinant;
      double before = a;
      a = Math.max(0, Math.min(1, a - bounded(down, LONGEST_STEP_OF_A)));
      b -= bounded(a == before ? slope[1] / curve[2] : across, 1);
    }
    return new double[] {a, b};
  }

  private static double bounded(double step, double most) {
    return Math.max(-most, Math.min(most, step));
  }

  private static double weight(double[] own, double[] others) {
    return (own.length + others.length) / (2.0 * Math.max(1, own.length));
  }

  /** Adds what scores of one kind say of slope (by a, b) and curvature (aa, ab, bb). */
  private static void add(
      double[] scores,
      int target,
      double weight,
      double a,
      double b,
      double[] slope,
      double[] curve) {
    for (double z : scores) {
      double p = sigmoid(a * z + b);
      double error = weight * (p - target);
      double spread = weight * p * (1 - p);
      slope[0] += error * z;
      slope[1] += error;
      curve[0] += spread * z * z;
      curve[1] += spread * z;
      curve[2] += spread;
    }
  }

  /** The weights before they are rounded. */
  static float[] solved(List<int[]> prompts, List<int[]> texts) {
    int count = prompts.size() + texts.size();
    int[][] bins = new int[count][];
    int[] sign = new int[count];
    for (int i = 0, p = 0, t = 0; i < count; i++) { // evenly mixed
      boolean prompt = (long) (p + 1) * texts.size() <= (long) (t + 1) * prompts.size();
      sign[i] = prompt ? 1 : -1;
      bins[i] = prompt ? prompts.get(p++) : texts.get(t++);
    }
    double[] weights = new double[TokenGrams.BINS + 1];
    double[] logits = new double[count]; // of each one's share of its cost
    boolean[] begun = new boolean[count];
    for (int pass = 0; pass < PASSES; pass++) {
      for (int i = 0; i < count; i++) {
        double cost = COST * count / (2.0 * (sign[i] > 0 ? prompts.size() : texts.size()));
        double unit = 1 / Math.sqrt(Math.max(1, bins[i].length));
        double share = begun[i] ? cost * sigmoid(logits[i]) : 0;
        double margin = sign[i] * score(weights, bins[i], unit);
        double square = (bins[i].length > 0 ? 1 : 0) + 1; // of x_i, the constant included
        logits[i] = root(margin - square * share, square * cost, begun[i] ? logits[i] : 0);
        begun[i] = true;
        double moved = sign[i] * (cost * sigmoid(logits[i]) - share);
        for (int bin : bins[i]) {
          weights[bin] += moved * unit;
        }
        weights[TokenGrams.BINS] += moved;
      }
    }
    float[] rounded = new float[weights.length];
    for (int bin = 0; bin < rounded.length; bin++) {
      rounded[bin] = (float) weights[bin];
    }
    return rounded;
  }

  /** Returns the t with t + b + a σ(t) = 0, which rises in t. */
  private static double root(double b, double a, double guess) {
    double low = -b - a;
    double high = -b;
    double t = Math.max(low, Math.min(high, guess));
    for (int step = 0; step < MOST_STEPS; step++) {
      double share = sigmoid(t);
      double value = t + b + a * share;
      if (Math.abs(value) < TOLERANCE) {
        break;
      }
      if (value > 0) {
        high = t;
      } else {
        low = t;
      }
      t -= value / (1 + a * share * (1 - share));
      if (!(t > low && t < high)) {
        t = (low + high) / 2;
      }
    }
    return t;
  }

  private static double sigmoid(double t) {
    return 1 / (1 + Math.exp(-t));
  }

  private static double score(double[] weights, int[] bins, double unit) {
    double sum = 0;
    for (int bin : bins) {
      sum += weights[bin];
    }
    return sum * unit + weights[TokenGrams.BINS];
  }

  private static double score(float[] weights, int[] bins) {
    double sum = 0;
    for (int bin : bins) {
      sum += weights[bin];
    }
    return sum / Math.sqrt(Math.max(1, bins.length)) + weights[TokenGrams.BINS];
  }

  /** Returns the weights of the bins and, behind them, what is added; a copy. */
  public float[] weights() {
    float[] all = new float[TokenGrams.BINS + 1];
    for (int bin = 0; bin < TokenGrams.BINS; bin++) {
      all[bin] = weights[bin] * step;
    }
    all[TokenGrams.BINS] = constant;
    return all;
  }

  /** Returns how probably a prompt is of the domain, if both are as likely before. */
  public double probability(int[] bins) {
    long sum = 0;
    for (int bin : bins) {
      sum += weights[bin];
    }
    return sigmoid(sum * step / Math.sqrt(Math.max(1, bins.length)) + constant);
  }
}
