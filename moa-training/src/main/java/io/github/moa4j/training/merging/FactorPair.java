package io.github.moa4j.training.merging;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.router.algebra.internal.Matrix;
import io.github.moa4j.router.algebra.internal.SingularValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A delta as a product of two factors, left · rightᵀ.
 *
 * @param left [out, rank]
 * @param right [in, rank]
 */
record FactorPair(Matrix left, Matrix right) {

  int rank() {
    return left.columns();
  }

  /**
   * The weighted sum of a map's deltas, exactly. Each weight is shared by both factors, so that
   * they are of like size.
   *
   * @param weights one an adapter
   */
  static FactorPair concatenated(AdaptedMap map, List<Double> weights) {
    List<Matrix> left = new ArrayList<>();
    List<Matrix> right = new ArrayList<>();
    for (AdaptedMap.Part part : map.parts()) {
      double weight = weights.get(part.adapter()) * part.scaling();
      double root = Math.sqrt(Math.abs(weight));
      left.add(part.left().times(root));
      right.add(part.right().times(Math.signum(weight) * root));
    }
    return new FactorPair(Matrix.beside(left), Matrix.beside(right));
  }

  /** The sums of the weighted factors, as PEFT's {@code linear} forms them. */
  static FactorPair summed(AdaptedMap map, List<Double> weights) {
    int rank = map.parts().get(0).rank();
    for (AdaptedMap.Part part : map.parts()) {
      if (part.rank() != rank) {
        throw new AdapterException(
            "The method 'linear' sums the factors of adapters, so their ranks must agree, but in "
                + map.site()
                + " they are "
                + map.parts().stream().map(AdaptedMap.Part::rank).toList()
                + ". Use 'cat' or 'svd', which take adapters of any rank.");
      }
    }
    FactorPair beside = concatenated(map, weights);
    return new FactorPair(
        sumOfBlocks(beside.left, map.parts().size()),
        sumOfBlocks(beside.right, map.parts().size()));
  }

  private static Matrix sumOfBlocks(Matrix beside, int count) {
    int columns = beside.columns() / count;
    double[] sum = new double[beside.rows() * columns];
    for (int i = 0; i < beside.values().length; i++) {
      sum[i % sum.length] += beside.values()[i];
    }
    return new Matrix(beside.rows(), columns, sum);
  }

  /** The product of singular vectors and values, the values shared by both factors. */
  static FactorPair of(SingularValues decomposition) {
    double[] roots = decomposition.roots();
    return new FactorPair(
        decomposition.u().timesDiagonal(roots), decomposition.v().timesDiagonal(roots));
  }

  /** Returns the best approximation of that rank, computed without forming the delta. */
  FactorPair compressed(int rank) {
    return of(SingularValues.ofProduct(left, right).truncated(rank));
  }

  /** Returns the same delta with columns of zeros behind, as a uniform rank asks for. */
  FactorPair padded(int rank) {
    if (rank == rank()) {
      return this;
    }
    return new FactorPair(padded(left, rank), padded(right, rank));
  }

  private static Matrix padded(Matrix factor, int columns) {
    double[] values = Arrays.copyOf(factor.values(), factor.rows() * columns);
    return new Matrix(factor.rows(), columns, values);
  }
}
