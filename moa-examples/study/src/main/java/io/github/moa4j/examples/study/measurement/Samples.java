package io.github.moa4j.examples.study.measurement;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** Repeated measurements of one quantity. */
public final class Samples {

  private final List<Double> values = new ArrayList<>();

  public void add(double value) {
    values.add(value);
  }

  public void add(DoubleSupplier measurement) {
    add(measurement.getAsDouble());
  }

  public double median() {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
