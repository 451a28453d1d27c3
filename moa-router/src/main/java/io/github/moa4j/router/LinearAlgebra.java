package io.github.moa4j.router;

import java.util.function.Supplier;
import org.nd4j.linalg.api.blas.BlasException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The dense f64 algebra of the routers, on ND4J. Plain arrays go in and come out; no native array
 * outlives a method.
 */
final class LinearAlgebra {

  private LinearAlgebra() {}

  /**
   * Returns rowsᵀ · rows, [columns, columns].
   *
   * @param rows [count, columns], row-major
   */
  static double[] gram(double[] rows, int count, int columns) {
    return onNd4j(
        () -> {
          try (INDArray x = Nd4j.create(rows, new long[] {count, columns}, 'c');
              INDArray product = Nd4j.gemm(x, x, true, false)) {
            return product.data().asDouble(); // symmetric, so its order does not matter
          }
        });
  }

  /**
   * Returns the lower factor L of a symmetric positive definite matrix L · Lᵀ, [size, size],
   * column-major, zero above the diagonal.
   *
   * @throws RouterException if the matrix is not positive definite
   */
  static double[] choleskyFactor(double[] symmetric, int size) {
    return onNd4j(
        () -> {
          try (INDArray factor = Nd4j.create(symmetric, new long[] {size, size}, 'f')) {
            Nd4j.getBlasWrapper().lapack().potrf(factor, true);
            return factor.data().asDouble();
          } catch (BlasException e) {
            throw new RouterException(
                "The statistics give a matrix that is not positive definite. Raise the"
                    + " regularization, or collect the statistics again.",
                e);
          }
        });
  }

  /**
   * Solves L · Lᵀ · x = b in place. ND4J 1.0.0-M2.1 passes wrong arguments to BLAS's trsm, and with
   * one right-hand side a domain the substitution is small beside the factorisation.
   *
   * @param factor [size, size], lower, column-major, from {@link #choleskyFactor}
   * @param b [size]; becomes x
   */
  static void solve(double[] factor, double[] b) {
    int size = b.length;
    for (int j = 0; j < size; j++) {
      int column = j * size;
      double value = b[j] / factor[column + j];
      b[j] = value;
      for (int i = j + 1; i < size; i++) {
        b[i] -= factor[column + i] * value;
      }
    }
    for (int j = size - 1; j >= 0; j--) {
      int column = j * size;
      double sum = b[j];
      for (int i = j + 1; i < size; i++) {
        sum -= factor[column + i] * b[i];
      }
      b[j] = sum / factor[column + j];
    }
  }

  /**
   * Returns rows · Lᵀ, [count, size], row-major.
   *
   * @param rows [count, size], row-major
   * @param factor [size, size], lower, column-major, from {@link #choleskyFactor}
   */
  static double[] timesTransposedFactor(double[] rows, double[] factor, int count, int size) {
    return onNd4j(
        () -> {
          try (INDArray x = Nd4j.create(rows, new long[] {count, size}, 'c');
              INDArray transposed = Nd4j.create(factor, new long[] {size, size}, 'c');
              INDArray product = Nd4j.createUninitialized(x.dataType(), count, size)) {
            x.mmuli(transposed, product);
            return product.data().asDouble();
          }
        });
  }

  private static double[] onNd4j(Supplier<double[]> work) {
    try {
      return work.get();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new RouterException(
          "ND4J finds no native backend, which fitting a router needs. Add org.nd4j:nd4j-native to"
              + " the application's class path, with its classifier for this platform.",
          e);
    }
  }
}
