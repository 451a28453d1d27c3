package io.github.moa4j.router.algebra.internal;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The thin singular value decomposition M = U · diag(values) · Vᵀ.
 *
 * @param u [rows, count], left singular vectors in the columns
 * @param values [count], descending, not negative
 * @param v [columns, count], right singular vectors in the columns; the sign of a pair of vectors
 *     is arbitrary
 */
public record SingularValues(Matrix u, double[] values, Matrix v) {

  /** Rounds of subspace iteration: 4 leave less than 1 % of the best error on flat spectra. */
  private static final int ITERATIONS = 4;

  private static final int OVERSAMPLING = 16;
  private static final long SKETCH_SEED = 0x9E3779B97F4A7C15L;

  /** Decomposes a matrix exactly, through the QR decomposition of its longer side. */
  public static SingularValues of(Matrix matrix) {
    if (matrix.rows() < matrix.columns()) {
      return of(matrix.transposed()).transposed();
    }
    if (matrix.rows() == matrix.columns()) {
      return square(matrix);
    }
    Matrix.Qr qr = matrix.qr();
    SingularValues core = square(qr.r());
    return new SingularValues(qr.q().times(core.u), core.values, core.v);
  }

  /**
   * Decomposes left · rightᵀ exactly without forming it: QR of both, then the small core. For left
   * [m, r] and right [n, r] that takes O((m + n) r² + r³) operations.
   */
  public static SingularValues ofProduct(Matrix left, Matrix right) {
    Matrix.Qr a = left.qr();
    Matrix.Qr b = right.qr();
    SingularValues core = of(a.r().times(b.r().transposed()));
    return new SingularValues(a.q().times(core.u), core.values, b.q().times(core.v));
  }

  /**
   * Finds the greatest singular values of a large matrix by randomised subspace iteration (Halko,
   * Martinsson and Tropp, 2011, algorithm 4.4), from a fixed seed. Exact if {@code count} reaches
   * the smaller side; else the error of the truncated product is close to the best possible.
   *
   * @param count how many; at most the smaller side is returned
   */
  public static SingularValues greatest(Matrix matrix, int count) {
    int smaller = Math.min(matrix.rows(), matrix.columns());
    int width = Math.min(smaller, count + Math.max(OVERSAMPLING, count));
    SplittableRandom random = new SplittableRandom(SKETCH_SEED);
    double[] sketch = random.doubles((long) matrix.columns() * width, -1, 1).toArray();
    Matrix basis = matrix.times(new Matrix(matrix.columns(), width, sketch)).qr().q();
    for (int i = 0; i < ITERATIONS; i++) {
      basis = matrix.times(matrix.transposedTimes(basis).qr().q()).qr().q();
    }
    return ofProduct(basis, matrix.transposedTimes(basis)).truncated(Math.min(count, smaller));
  }

  /** Returns the singular values alone, descending, of a matrix small enough to be kept twice. */
  public static double[] valuesOf(Matrix matrix) {
    int count = Math.min(matrix.rows(), matrix.columns());
    return NativeBackend.run(
        () -> {
          try (INDArray overwritten = matrix.onNd4j();
              INDArray values = Nd4j.createUninitialized(overwritten.dataType(), count)) {
            Nd4j.getBlasWrapper().lapack().gesvd(overwritten, values, null, null);
            return values.data().asDouble();
          }
        });
  }

  private static SingularValues square(Matrix matrix) {
    int size = matrix.rows();
    long[] shape = {size, size};
    return NativeBackend.run(
        () -> {
          try (INDArray overwritten = matrix.onNd4j();
              INDArray values = Nd4j.createUninitialized(overwritten.dataType(), size);
              INDArray u = Nd4j.createUninitialized(overwritten.dataType(), shape, 'f');
              INDArray vt = Nd4j.createUninitialized(overwritten.dataType(), shape, 'f')) {
            Nd4j.getBlasWrapper().lapack().gesvd(overwritten, values, u, vt);
            return new SingularValues(
                new Matrix(size, size, u.data().asDouble()),
                values.data().asDouble(),
                new Matrix(size, size, vt.data().asDouble()).transposed());
          }
        });
  }

  private SingularValues transposed() {
    return new SingularValues(v, values, u);
  }

  /** Returns the first of these values and vectors, all of them if there are no more. */
  public SingularValues truncated(int count) {
    if (count >= values.length) {
      return this;
    }
    return new SingularValues(
        u.firstColumns(count), Arrays.copyOf(values, count), v.firstColumns(count));
  }

  /** Returns the square roots of the values. */
  public double[] roots() {
    return Arrays.stream(values).map(value -> Math.sqrt(Math.max(0, value))).toArray();
  }
}
