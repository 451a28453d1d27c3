package io.github.moa4j.training.merging;

import java.util.List;

/**
 * How alike adapters are, pair by pair; each matrix is [adapter][adapter], symmetric, in the order
 * of the names. A value is 0 where two adapters share no map, or one of them does nothing.
 *
 * @param deltaCosine cosine of the deltas s B A as vectors, over all maps; -1 to 1, and 1 on the
 *     diagonal. Not 0 means that merged by a sum they strengthen or cancel each other.
 * @param columnSpaceCosine mean cosine of the principal angles between the column spaces of B, what
 *     the adapters write, averaged over the maps that both adapt; 0 to 1
 * @param rowSpaceCosine the same between the row spaces of A, what they read. Adapters that started
 *     from one A stay near each other here, whatever they learned.
 */
public record AdapterSimilarity(
    double[][] deltaCosine, double[][] columnSpaceCosine, double[][] rowSpaceCosine) {

  /** Checks that the matrices are square and of one size. */
  public AdapterSimilarity {
    for (double[][] matrix : List.of(deltaCosine, columnSpaceCosine, rowSpaceCosine)) {
      for (double[] row : matrix) {
        if (matrix.length != deltaCosine.length || row.length != deltaCosine.length) {
          throw new IllegalArgumentException(
              "The matrices of a similarity must be square and of one size");
        }
      }
    }
  }
}
