package io.github.moa4j.examples.study.report.records;

import java.util.Locale;

/**
 * What is tuned of a training.
 *
 * @param batchSize examples an optimiser step
 * @param learningRate the peak
 */
public record Setting(int batchSize, double learningRate) {

  /** Of a method that trains nothing, or each domain with a setting of its own. */
  public static final Setting NONE = new Setting(0, Double.NaN);

  /** Returns the setting as a part of a file's name. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "b%d-r%.1e", batchSize, learningRate);
  }
}
