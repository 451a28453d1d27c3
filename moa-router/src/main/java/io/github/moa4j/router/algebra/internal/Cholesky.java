package io.github.moa4j.router.algebra.internal;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The lower factor L of a symmetric positive definite matrix L · Lᵀ.
 *
 * @param size number of rows and columns
 * @param factor [size, size], column-major, zero above the diagonal
 */
public record Cholesky(int size, double[] factor) {

  /**
   * Factorises a matrix.
   *
   * @param symmetric [size, size]
   * @throws ArithmeticException if the matrix is not positive definite
   */
  public static Cholesky of(double[] symmetric, int size) {
    return NativeBackend.run(
        () -> {
          try (INDArray factor = Nd4j.create(symmetric, new long[] {size, size}, 'f')) {
            Nd4j.getBlasWrapper().lapack().potrf(factor, true);
            return new Cholesky(size, factor.data().asDouble());
          } catch (Error e) {
            if (!NativeBackend.isRefusal(e)) {
              throw e;
            }
            ArithmeticException refused =
                new ArithmeticException("The matrix is not positive definite.");
            refused.initCause(e);
            throw refused;
          }
        });
  }

  /**
   * Returns rows · (L · Lᵀ)⁻¹, [count, size], row-major. ND4J 1.0.0-M2.1 passes wrong arguments to
   * BLAS's trsm, so few rows are solved one by one here, and many by the inverse and one product.
   *
   * @param rows [count, size], row-major
   */
  public double[] solve(double[] rows, int count) {
    if (count <= size) {
      double[] solved = rows.clone();
      for (int row = 0; row < count; row++) {
        substitute(solved, row * size);
      }
      return solved;
    }
    double[] inverse = new double[size * size];
    for (int i = 0; i < size; i++) {
      inverse[i * size + i] = 1;
      substitute(inverse, i * size);
    }
    return NativeBackend.run(
        () -> {
          try (INDArray x = Nd4j.create(rows, new long[] {count, size}, 'c');
              INDArray inverted = Nd4j.create(inverse, new long[] {size, size}, 'c');
              INDArray product = Nd4j.createUninitialized(x.dataType(), count, size)) {
            x.mmuli(inverted, product);
            return product.data().asDouble();
          }
        });
  }

  /** Solves L · Lᵀ · x = b in place. */
  private void substitute(double[] b, int at) {
    for (int j = 0; j < size; j++) {
      int column = j * size;
      double value = b[at + j] / factor[column + j];
      b[at + j] = value;
      for (int i = j + 1; i < size; i++) {
        b[at + i] -= factor[column + i] * value;
      }
    }
    for (int j = size - 1; j >= 0; j--) {
      int column = j * size;
      double sum = b[at + j];
      for (int i = j + 1; i < size; i++) {
        sum -= factor[column + i] * b[at + i];
      }
      b[at + j] = sum / factor[column + j];
    }
  }

  /**
   * Returns rows · Lᵀ, [count, size], row-major: rows of independent normal values become rows with
   * the matrix as covariance.
   *
   * @param rows [count, size], row-major
   */
  public double[] correlated(double[] rows, int count) {
    return NativeBackend.run(
        () -> {
          try (INDArray x = Nd4j.create(rows, new long[] {count, size}, 'c');
              INDArray transposed = Nd4j.create(factor, new long[] {size, size}, 'c');
              INDArray product = Nd4j.createUninitialized(x.dataType(), count, size)) {
            x.mmuli(transposed, product);
            return product.data().asDouble();
          }
        });
  }
}
