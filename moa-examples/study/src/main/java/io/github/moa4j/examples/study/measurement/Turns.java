package io.github.moa4j.examples.study.measurement;

import io.github.moa4j.examples.study.process.MeasuringProcess;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Measurements by turns, so that what the machine does beside meets all of them alike: one round
 * that does not count, then as many as are wanted, in each of which every measurement is made once.
 */
public final class Turns {

  private final Map<String, DoubleSupplier> measurements = new LinkedHashMap<>();

  /** Adds a measurement under a name of its own. */
  public Turns with(String name, MeasuringProcess process, String measurement) {
    return with(name, () -> process.measure(measurement));
  }

  /** Adds a measurement of this process under a name of its own. */
  public Turns with(String name, DoubleSupplier measurement) {
    measurements.put(name, measurement);
    return this;
  }

  /** Returns the medians by name. */
  public Map<String, Double> medians(int runs) {
    Map<String, Samples> samples = new LinkedHashMap<>();
    for (int run = 0; run <= runs; run++) {
      for (Map.Entry<String, DoubleSupplier> measurement : measurements.entrySet()) {
        double value = measurement.getValue().getAsDouble();
        if (run > 0) {
          samples.computeIfAbsent(measurement.getKey(), name -> new Samples()).add(value);
        }
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    samples.forEach((name, values) -> medians.put(name, values.median()));
    return medians;
  }
}
