package io.github.moa4j.training.privacy;

import java.util.Arrays;

/**
 * One step of a private training, as an attacker who knows all records but one sees it: a Gaussian
 * around 0 if the record is not there, and around k with the probability that k of its examples
 * were drawn if it is, in units of the clipping norm. With one example a record this is the sampled
 * Gaussian mechanism (Mironov, Talwar and Zhang, 2019, arXiv 1908.10530); with more, the mixture of
 * Gaussians of Ganesh (2024, arXiv 2401.10294).
 */
final class SampledGaussian {

  private static final double TAIL = 14; // standard deviations; beyond lie 1e-44 of a Gaussian
  private static final double MOST_NORMAL = 9; // beyond, 1 and the distribution are the same number
  private static final int NEWTON_STEPS = 100;
  private static final double MOST_POINTS = 1 << 24; // on either side of an integral
  private static final double NEGLIGIBLE = -60; // logarithm of a part of an integral

  /**
   * The orders at which the divergence is known: those of Opacus and TensorFlow Privacy, and some
   * more for little noise and for much.
   */
  static final double[] ORDERS = orders();

  private final double noise;
  private final double rate;
  private final int group;
  private final double[] weights; // logarithms of the probabilities that so many are drawn

  /**
   * Describes a step.
   *
   * @param noise standard deviation of the Gaussian over the clipping norm
   * @param rate probability with which each example is drawn
   * @param group examples of one record
   */
  SampledGaussian(double noise, double rate, int group) {
    this.noise = noise;
    this.rate = rate;
    this.group = group;
    this.weights = logWeights(rate, group);
  }

  private static double[] orders() {
    double[] orders = new double[160];
    int count = 0;
    for (int i = 1; i < 100; i++) {
      orders[count++] = 1 + i / 10.0;
    }
    for (int i = 11; i < 64; i++) {
      orders[count++] = i;
    }
    for (double order : new double[] {1.01, 1.03, 1.06, 64, 80, 128, 256, 512}) {
      orders[count++] = order;
    }
    return Arrays.copyOf(orders, count);
  }

  /**
   * Computes Rényi's divergence at each of {@link #ORDERS}, the greater of both directions: of
   * order alpha it is log E[(p / q)^alpha] / (alpha − 1) over what is seen without the record. For
   * whole orders the expectation is Mironov's sum of binomials; integrated, it serves every order,
   * group and direction alike.
   */
  double[] divergences() {
    return divergences(ORDERS);
  }

  /**
   * Computes the divergence of some orders; infinite where the noise is so little beside the
   * examples of a record that the integrals would take too many points.
   */
  double[] divergences(double... orders) {
    double highest = Arrays.stream(orders).max().orElseThrow();
    double step = Math.min(noise / 8, noise * noise / (4.0 * group));
    double count = Math.ceil((highest * group + TAIL * noise) / step);
    if (!(count <= MOST_POINTS)) {
      return Arrays.stream(orders).map(order -> Double.POSITIVE_INFINITY).toArray();
    }
    double[] points = points((int) count, step);
    double[] ratios = Arrays.stream(points).map(x -> logRatio(x)).toArray();
    double[] densities =
        Arrays.stream(points)
            .map(
                x ->
                    Math.log(step / (noise * Math.sqrt(2 * Math.PI))) - x * x / (2 * noise * noise))
            .toArray();
    return Arrays.stream(orders)
        .map(
            order ->
                Math.max(
                        logMoment(order, ratios, densities),
                        logMoment(1 - order, ratios, densities))
                    / (order - 1))
        .map(divergence -> Math.max(0, divergence))
        .toArray();
  }

  private static double[] points(int count, double step) {
    double[] points = new double[2 * count + 1];
    for (int i = 0; i < points.length; i++) {
      points[i] = (i - count) * step;
    }
    return points;
  }

  /**
   * Computes log E[(p / q)^power] by the trapezoidal rule, whose error falls as exp(−2 pi d / step)
   * where the integrand is analytic within d of the real line: here pi · noise² at one example a
   * record.
   */
  private static double logMoment(double power, double[] ratios, double[] densities) {
    double top = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < ratios.length; i++) {
      top = Math.max(top, power * ratios[i] + densities[i]);
    }
    double sum = 0;
    for (int i = 0; i < ratios.length; i++) {
      double log = power * ratios[i] + densities[i] - top;
      if (log > NEGLIGIBLE) {
        sum += Math.exp(log);
      }
    }
    return top + Math.log(sum);
  }

  /** Log p / q at a point: grows with it. */
  private double logRatio(double x) {
    double top = Double.NEGATIVE_INFINITY;
    for (int k = 0; k <= group; k++) {
      top = Math.max(top, weights[k] + k * (2 * x - k) / (2 * noise * noise));
    }
    double sum = 0;
    for (int k = 0; k <= group; k++) {
      sum += Math.exp(weights[k] + k * (2 * x - k) / (2 * noise * noise) - top);
    }
    return top + Math.log(sum);
  }

  private static double[] logWeights(double rate, int group) {
    double[] weights = new double[group + 1];
    double binomial = 0;
    for (int k = 0; k <= group; k++) {
      double drawn = k == 0 ? 0 : k * Math.log(rate);
      double left = k == group ? 0 : (group - k) * Math.log1p(-rate);
      weights[k] = binomial + drawn + left;
      binomial += Math.log((double) (group - k) / (k + 1));
    }
    return weights;
  }

  /** The mean of the privacy loss of one step: log p / q with the record, log q / p without it. */
  double meanLoss(boolean with) {
    double step = Math.min(noise / 8, noise * noise / (4.0 * group));
    int count = (int) Math.ceil((group + TAIL * noise) / step);
    double mean = 0;
    for (double x : points(count, step)) {
      double ratio = logRatio(x);
      double density = step * density(x);
      mean += with ? density * Math.exp(ratio) * ratio : -density * ratio;
    }
    return mean;
  }

  private double density(double x) {
    return Math.exp(-x * x / (2 * noise * noise)) / (noise * Math.sqrt(2 * Math.PI));
  }

  /**
   * Finds the point at which log p / q has a value.
   *
   * @param from a point near it
   * @return minus infinity if it is greater everywhere
   */
  double whereLossIs(double value, double from) {
    if (group == 1) { // log((exp(value) − 1 + rate) / rate) is that of the exponential
      double drawn = Math.expm1(value) + rate;
      return drawn <= 0 ? Double.NEGATIVE_INFINITY : noise * noise * Math.log(drawn / rate) + 0.5;
    }
    if (value <= weights[0]) {
      return Double.NEGATIVE_INFINITY;
    }
    double x = Double.isFinite(from) ? from : 0;
    for (int i = 0; i < NEWTON_STEPS; i++) { // of a convex function: from the second on from above
      double next = x - (logRatio(x) - value) / slope(x);
      if (Math.abs(next - x) < 1e-12 * (1 + Math.abs(x))) {
        return next;
      }
      x = next;
    }
    return x;
  }

  /** The derivative of log p / q. */
  private double slope(double x) {
    double ratio = logRatio(x);
    double mean = 0;
    for (int k = 1; k <= group; k++) {
      mean += k * Math.exp(weights[k] + k * (2 * x - k) / (2 * noise * noise) - ratio);
    }
    return Math.max(mean, Double.MIN_NORMAL) / (noise * noise);
  }

  /** The probability of less than a point where the record is there. */
  double belowWith(double x) {
    double below = 0;
    for (int k = 0; k <= group; k++) {
      below += Math.exp(weights[k]) * normal((x - k) / noise);
    }
    return below;
  }

  /** The probability of less than a point where the record is not there. */
  double belowWithout(double x) {
    return normal(x / noise);
  }

  /** The distribution function of the normal distribution (Marsaglia, 2004), to 1e-15. */
  private static double normal(double z) {
    if (Math.abs(z) > MOST_NORMAL) {
      return z > 0 ? 1 : 0;
    }
    double term = z;
    double sum = z;
    double last = Double.NaN;
    for (int i = 3; sum != last; i += 2) {
      last = sum;
      term *= z * z / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  }
}
