package io.github.moa4j.training.privacy;

/**
 * The privacy loss of many steps as a random variable, composed by the fast Fourier transform
 * (Gopi, Lee and Wutschitz, 2021, arXiv 2106.02848): the loss of one step is rounded to a grid so
 * fine that their sum is off by no more than a given error but with a given probability, and the
 * grid is moved so that the mean is right. What comes out is an upper bound, and tighter than
 * Rényi's divergence, which keeps only moments of the loss.
 */
final class PrivacyLosses {

  private static final int MOST_POINTS = 1 << 22;
  private static final double DELTA_ERROR = 1e-3; // as a share of delta

  private final SampledGaussian mechanism;
  private final double[] divergences;
  private final int steps;
  private final double delta;
  private final double error; // of epsilon

  /**
   * Prepares.
   *
   * @param divergences of one step at {@link SampledGaussian#ORDERS}, which bound the loss
   * @param bound an epsilon that the steps keep to, from which follows how fine the grid is
   */
  PrivacyLosses(
      SampledGaussian mechanism, double[] divergences, int steps, double delta, double bound) {
    this.mechanism = mechanism;
    this.divergences = divergences;
    this.steps = steps;
    this.delta = delta;
    this.error = Math.max(1e-4, Math.min(0.01, bound / 300));
  }

  /**
   * Computes epsilon, of the greater of both directions.
   *
   * @return infinite where the grid would be too large
   */
  double epsilon() {
    double deltaError = DELTA_ERROR * delta;
    double width = error / Math.sqrt(steps / 2.0 * Math.log(12 / deltaError));
    double end = 3 + error + tail(steps, deltaError / 4);
    end = Math.max(end, 3 + error + tail(1, deltaError / (8.0 * steps)));
    double wanted = 2 * end / width;
    if (!(wanted <= MOST_POINTS)) {
      return Double.POSITIVE_INFINITY;
    }
    int points = Math.max(2, Integer.highestOneBit((int) Math.ceil(wanted) - 1) << 1);
    return Math.max(
        0, Math.max(epsilon(points, width, true), epsilon(points, width, false)) + error);
  }

  /**
   * What the loss of so many steps exceeds with a small probability only, by Markov's inequality.
   */
  private double tail(int count, double probability) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < divergences.length; i++) {
      double order = SampledGaussian.ORDERS[i];
      least = Math.min(least, count * divergences[i] - Math.log(probability) / (order - 1));
    }
    return least;
  }

  /** Computes epsilon of one direction: what is seen is drawn with the record, or without it. */
  private double epsilon(int points, double width, boolean with) {
    double[] real = new double[points];
    double[] imaginary = new double[points];
    int half = points / 2;
    double below = cumulated((-half + 0.5) * width, 0, with);
    double first = below;
    double mean = 0;
    double from = 0;
    for (int i = -half + 1; i < half; i++) {
      from = mechanism.whereLossIs(with ? (i + 0.5) * width : -(i + 0.5) * width, from);
      double upTo = with ? mechanism.belowWith(from) : 1 - mechanism.belowWithout(from);
      double mass = upTo - below;
      real[Math.floorMod(i, points)] = mass;
      mean += mass * i * width;
      below = upTo;
    }
    double total = below - first;
    double shift = mechanism.meanLoss(with) - mean / total;
    for (int i = 0; i < points; i++) {
      real[i] /= total;
    }
    Fourier fourier = new Fourier(points);
    fourier.transform(real, imaginary);
    for (int i = 0; i <= half; i++) { // the other half is conjugate, as the masses are real
      double square = real[i] * real[i] + imaginary[i] * imaginary[i];
      double radius = Math.exp(0.5 * steps * Math.log(square)) / points;
      double angle = steps * Math.atan2(imaginary[i], real[i]);
      int mirrored = (points - i) % points;
      real[i] = radius * Math.cos(angle);
      imaginary[i] = radius * Math.sin(angle);
      real[mirrored] = real[i];
      imaginary[mirrored] = i == mirrored ? imaginary[i] : -imaginary[i];
    }
    fourier.transform(imaginary, real);
    return epsilon(real, width, steps * shift);
  }

  private double cumulated(double loss, double from, boolean with) {
    double x = mechanism.whereLossIs(with ? loss : -loss, from);
    return with ? mechanism.belowWith(x) : 1 - mechanism.belowWithout(x);
  }

  /** The least epsilon at which E[max(0, 1 − exp(epsilon − loss))] is what delta leaves. */
  private double epsilon(double[] masses, double width, double shift) {
    double left = delta * (1 - DELTA_ERROR);
    int points = masses.length;
    double sum = 0;
    double weighted = 0; // by exp(−loss)
    for (int i = points / 2 - 1; i >= -points / 2; i--) {
      double loss = i * width + shift;
      double mass = Math.max(0, masses[Math.floorMod(i, points)]);
      if (sum - Math.exp(loss) * weighted > left) {
        return Math.log((sum - left) / weighted);
      }
      sum += mass;
      weighted += mass * Math.exp(-loss);
    }
    return Double.NEGATIVE_INFINITY;
  }
}
