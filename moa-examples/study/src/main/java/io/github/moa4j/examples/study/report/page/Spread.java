package io.github.moa4j.examples.study.report.page;

import java.util.stream.DoubleStream;

/**
 * Mean and standard deviation (of the sample) of a figure over seeds.
 *
 * @param mean NaN if nothing was measured
 * @param deviation 0 for fewer than two values
 * @param count how many values there are
 */
public record Spread(double mean, double deviation, int count) {

  /** Of the values that are not NaN. */
  public static Spread of(DoubleStream values) {
    double[] measured = values.filter(v -> !Double.isNaN(v)).toArray();
    int n = measured.length;
    double mean = DoubleStream.of(measured).average().orElse(Double.NaN);
    double squares = DoubleStream.of(measured).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(mean, n < 2 ? 0 : Math.sqrt(squares / (n - 1)), n);
  }
}
