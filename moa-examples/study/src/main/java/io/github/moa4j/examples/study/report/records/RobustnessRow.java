package io.github.moa4j.examples.study.report.records;

import java.util.Map;

/**
 * Routing accuracy of every router on prompts in one form, such as lower-cased.
 *
 * @param form the form, in words
 * @param accuracyByRouter accuracy by router, NaN where not measured
 */
public record RobustnessRow(String form, Map<String, Double> accuracyByRouter) {
  /** Copies the collections, keeping their order. */
  public RobustnessRow {
    accuracyByRouter = Ordered.copy(accuracyByRouter);
  }
}
