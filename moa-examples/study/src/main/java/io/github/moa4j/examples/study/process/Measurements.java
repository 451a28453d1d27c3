package io.github.moa4j.examples.study.process;

import io.github.moa4j.core.MoaException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What a {@link MeasuringProcess} can measure, in that process. */
public final class Measurements {

  private final Map<String, DoubleSupplier> byName = new LinkedHashMap<>();

  /** Adds one. */
  public Measurements with(String name, DoubleSupplier measurement) {
    byName.put(name, measurement);
    return this;
  }

  /** Measures what standard input asks for, until it ends. */
  public void answer() {
    try (BufferedReader names =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        DoubleSupplier measurement = byName.getOrDefault(name, () -> Double.NaN);
        ChildJvm.report(name, measurement.getAsDouble());
      }
    } catch (IOException e) {
      throw new MoaException("Cannot read what to measure: " + e.getMessage(), e);
    }
  }
}
