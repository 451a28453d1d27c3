package io.github.moa4j.training.privacy;

import java.util.Arrays;

/**
 * One step of a private training, as an attacker who knows all records but one sees it: a Gaussian
 * around 0 if the record is not there, and around k with the probability that k of its examples
 * were drawn if it is, in units of the clipping norm. With one example a record this is the sampled
 * Gaussian mechanism (Mironov, Talwar and Zhang, 2019, arXiv 1908.10530); with more, the mixture of
 * Gaussians of Ganesh (2024, arXiv 2401.10294).
 *
 * @param noise standard deviation of the Gaussian over the clipping norm
 * @param rate probability with which each example is drawn
 * @param group examples of one record
 */
record SampledGaussian(double noise, double rate, int group) {

  private static final double TAIL = 14; // standard deviations; beyond lie 1e-44 of a Gaussian
  private static final double NEGLIGIBLE = -60; // logarithm of a part of an integral

  /**
   * The orders at which the divergence is known: those of Opacus and TensorFlow Privacy, and some
   * more for little noise and for much.
   */
  static final double[] ORDERS = orders();

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

  /** Computes the divergence of some orders. */
  double[] divergences(double... orders) {
    double highest = Arrays.stream(orders).max().orElseThrow();
    double step = Math.min(noise / 8, noise * noise / (4.0 * group));
    double[] points = points((int) Math.ceil((highest * group + TAIL * noise) / step), step);
    double[] weights = logWeights();
    double[] ratios = Arrays.stream(points).map(x -> logRatio(x, weights)).toArray();
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
  private double logRatio(double x, double[] logWeights) {
    double top = Double.NEGATIVE_INFINITY;
    for (int k = 0; k <= group; k++) {
      top = Math.max(top, logWeights[k] + k * (2 * x - k) / (2 * noise * noise));
    }
    double sum = 0;
    for (int k = 0; k <= group; k++) {
      sum += Math.exp(logWeights[k] + k * (2 * x - k) / (2 * noise * noise) - top);
    }
    return top + Math.log(sum);
  }

  /** The logarithm of the probability that so many of a record's examples are drawn. */
  private double[] logWeights() {
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
}
