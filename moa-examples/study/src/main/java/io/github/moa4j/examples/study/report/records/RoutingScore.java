package io.github.moa4j.examples.study.report.records;

import java.util.Arrays;
import java.util.List;

/**
 * How well a router finds the domain of validation prompts, on the states it meets at inference.
 * The array belongs to the record: do not change it.
 *
 * @param router its short name
 * @param accuracy share of prompts sent to their own domain
 * @param domains names of the confusion matrix's rows and columns
 * @param confusion counts, [true domain][chosen domain]
 * @param ece expected calibration error; NaN for a router without probabilities
 * @param bins the reliability diagram, may be empty
 * @param coverage coverage and accuracy by threshold, may be empty
 */
public record RoutingScore(
    String router,
    double accuracy,
    List<String> domains,
    int[][] confusion,
    double ece,
    List<CalibrationBin> bins,
    List<CoveragePoint> coverage) {
  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if the matrix has not a row and a column for each domain
   */
  public RoutingScore {
    domains = List.copyOf(domains);
    bins = List.copyOf(bins);
    coverage = List.copyOf(coverage);
    int size = domains.size();
    if (confusion.length != size || Arrays.stream(confusion).anyMatch(row -> row.length != size)) {
      throw new IllegalArgumentException(
          "The confusion matrix of router "
              + router
              + " must have a row and a column for each of its "
              + size
              + " domains.");
    }
  }
}
