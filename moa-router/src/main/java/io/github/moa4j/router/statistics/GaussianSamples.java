package io.github.moa4j.router.statistics;

import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.algebra.internal.Cholesky;
import java.util.SplittableRandom;

/** Samples from a domain's moments, for training where the domain's data is gone. */
final class GaussianSamples {

  /** Share of the covariance that is its diagonal alone, so that few prompts suffice. */
  private static final double SHRINKAGE = 0.05;

  private static final double JITTER =
      1e-9; // of the mean variance, so that a constant feature works

  private GaussianSamples() {}

  static float[][] draw(DomainStatistics statistics, int index, int draws, long seed) {
    if (statistics.count() < 2) {
      throw new RouterException(
          "Domain '"
              + statistics.domain()
              + "' has statistics of "
              + statistics.count()
              + " prompts; at least 2 are needed to draw from them.");
    }
    int size = statistics.features();
    double[] mean = statistics.mean(index);
    Cholesky factor = factor(statistics, covariance(statistics, index));
    SplittableRandom random = new SplittableRandom(seed);
    double[] normal = new double[draws * size];
    for (int i = 0; i < normal.length; i++) {
      normal[i] = random.nextGaussian();
    }
    double[] spread = factor.correlated(normal, draws);
    float[][] samples = new float[draws][size];
    for (int r = 0; r < draws; r++) {
      for (int j = 0; j < size; j++) {
        samples[r][j] = (float) (mean[j] + spread[r * size + j]);
      }
    }
    return samples;
  }

  private static Cholesky factor(DomainStatistics statistics, double[] covariance) {
    try {
      return Cholesky.of(covariance, statistics.features());
    } catch (ArithmeticException e) {
      throw new RouterException(
          "The statistics of domain '"
              + statistics.domain()
              + "' give a covariance that is not positive definite. Collect them again.",
          e);
    }
  }

  private static double[] covariance(DomainStatistics statistics, int index) {
    int size = statistics.features();
    float[] packed = statistics.packedScatter(index);
    double[] covariance = new double[size * size];
    double trace = 0;
    int p = 0;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        double value = (double) packed[p++] / statistics.count();
        if (i == j) {
          covariance[i * size + i] = Math.max(value, 0);
          trace += Math.max(value, 0);
        } else {
          covariance[i * size + j] = (1 - SHRINKAGE) * value;
          covariance[j * size + i] = (1 - SHRINKAGE) * value;
        }
      }
    }
    double jitter = Math.max(JITTER * trace / size, Double.MIN_NORMAL);
    for (int i = 0; i < size; i++) {
      covariance[i * size + i] += jitter;
    }
    return covariance;
  }
}
