package io.github.moa4j.examples.study.report.records;

import java.util.Arrays;
import java.util.List;

/**
 * How much adapters pull at the same weights, each matrix [adapter][adapter]. The arrays belong to
 * the record: do not change them.
 *
 * @param adapters names of rows and columns
 * @param cosine mean cosine of the adapters' deltas, over the weights both adapt
 * @param rowSpaceAngle mean cosine of the principal angles between the inputs that the deltas read
 * @param columnSpaceAngle mean cosine of the principal angles between the outputs that they write
 */
public record InterferenceFigures(
    List<String> adapters,
    double[][] cosine,
    double[][] rowSpaceAngle,
    double[][] columnSpaceAngle) {
  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if a matrix has not a row and a column for each adapter
   */
  public InterferenceFigures {
    adapters = List.copyOf(adapters);
    int size = adapters.size();
    for (double[][] matrix : List.of(cosine, rowSpaceAngle, columnSpaceAngle)) {
      if (matrix.length != size || Arrays.stream(matrix).anyMatch(row -> row.length != size)) {
        throw new IllegalArgumentException(
            "A matrix between adapters must have a row and a column for each of the "
                + size
                + " adapters.");
      }
    }
  }
}
