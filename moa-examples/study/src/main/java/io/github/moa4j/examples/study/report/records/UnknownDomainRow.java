package io.github.moa4j.examples.study.report.records;

import java.util.Map;

/**
 * How well routers tell text of no known domain, which they should leave to the base.
 *
 * @param unknown the domain left out, or the name of a general text
 * @param aurocByRouter area under the ROC curve of the confidence, known against unknown
 * @param falseAcceptByRouter share of unknown inputs accepted at the threshold that accepts 95 % of
 *     the known ones
 */
public record UnknownDomainRow(
    String unknown, Map<String, Double> aurocByRouter, Map<String, Double> falseAcceptByRouter) {
  /** Copies the collections, keeping their order. */
  public UnknownDomainRow {
    aurocByRouter = Ordered.copy(aurocByRouter);
    falseAcceptByRouter = Ordered.copy(falseAcceptByRouter);
  }
}
