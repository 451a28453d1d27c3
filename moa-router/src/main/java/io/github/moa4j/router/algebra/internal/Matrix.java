package io.github.moa4j.router.algebra.internal;

import io.github.moa4j.core.checkpoint.HostTensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense f64 matrix on the Java heap. The values are not copied: whoever creates one hands them
 * over, and nobody changes them afterwards.
 *
 * @param rows at least 1
 * @param columns at least 1
 * @param values [columns][rows], column by column, as LAPACK has them
 */
public record Matrix(int rows, int columns, double[] values) {

  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException if there are no rows or columns, or not rows x columns values
   */
  public Matrix {
    if (rows < 1 || columns < 1 || values.length != (long) rows * columns) {
      throw new IllegalArgumentException(
          "A matrix of " + rows + " x " + columns + " cannot hold " + values.length + " values.");
    }
  }

  /**
   * Copies a tensor.
   *
   * @param tensor [rows, columns]; f64, f32, bf16 or f16
   * @throws IllegalArgumentException if the tensor has not two dimensions
   */
  public static Matrix of(HostTensor tensor) {
    long[] shape = tensor.shape();
    if (shape.length != 2) {
      throw new IllegalArgumentException(
          "A matrix needs two dimensions, not " + Arrays.toString(shape) + ".");
    }
    int rows = Math.toIntExact(shape[0]);
    int columns = Math.toIntExact(shape[1]);
    double[] rowMajor = tensor.toDoubleArray(); // column by column of the transposed matrix
    return new Matrix(/* rows= */ columns, /* columns= */ rows, rowMajor).transposed();
  }

  /**
   * Returns rowsᵀ · rows, [columns, columns].
   *
   * @param rows [count, columns], row-major
   */
  public static double[] gram(double[] rows, int count, int columns) {
    return NativeBackend.run(
        () -> {
          try (INDArray x = Nd4j.create(rows, new long[] {count, columns}, 'c');
              INDArray product = Nd4j.gemm(x, x, true, false)) {
            return product.data().asDouble(); // symmetric, so its order does not matter
          }
        });
  }

  /** Returns this matrix as an f32 tensor [rows, columns]. */
  public HostTensor toTensor() {
    float[] rowMajor = new float[values.length];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        rowMajor[i * columns + j] = (float) values[j * rows + i];
      }
    }
    return HostTensor.of(rowMajor, rows, columns);
  }

  /** Returns the identity of that size. */
  public static Matrix identity(int size) {
    double[] values = new double[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = 1;
    }
    return new Matrix(size, size, values);
  }

  /** Returns the value in a row and a column, both from 0. */
  public double at(int row, int column) {
    return values[column * rows + row];
  }

  /** Returns the transposed matrix. */
  public Matrix transposed() {
    double[] transposed = new double[values.length];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        transposed[i * columns + j] = values[j * rows + i];
      }
    }
    return new Matrix(/* rows= */ columns, /* columns= */ rows, transposed);
  }

  /** Returns this · other. */
  public Matrix times(Matrix other) {
    requireInner(columns, other.rows);
    return product(other, false, rows, other.columns);
  }

  /** Returns thisᵀ · other. */
  public Matrix transposedTimes(Matrix other) {
    requireInner(rows, other.rows);
    return product(other, true, columns, other.columns);
  }

  private static void requireInner(int left, int right) {
    if (left != right) {
      throw new IllegalArgumentException(
          "Matrices do not fit each other: one has an inner width of "
              + left
              + ", the other of "
              + right
              + ".");
    }
  }

  private Matrix product(Matrix other, boolean transpose, int outRows, int outColumns) {
    return NativeBackend.run(
        () -> {
          try (INDArray left = onNd4j();
              INDArray right = other.onNd4j();
              INDArray product = Nd4j.gemm(left, right, transpose, false)) {
            return new Matrix(outRows, outColumns, product.data().asDouble());
          }
        });
  }

  /** Copies this matrix into a native array in 'f' order, which the caller closes. */
  INDArray onNd4j() {
    return Nd4j.create(values, new long[] {rows, columns}, 'f');
  }

  /** Returns this matrix with every value multiplied. */
  public Matrix times(double factor) {
    double[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return new Matrix(rows, columns, scaled);
  }

  /**
   * Returns this · diag(factors): column j multiplied by factors[j].
   *
   * @param factors at least one a column
   */
  public Matrix timesDiagonal(double[] factors) {
    double[] scaled = values.clone();
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        scaled[j * rows + i] *= factors[j];
      }
    }
    return new Matrix(rows, columns, scaled);
  }

  /** Returns the first columns. */
  public Matrix firstColumns(int count) {
    return new Matrix(rows, count, Arrays.copyOf(values, rows * count));
  }

  /** Returns a rectangle of this matrix. */
  public Matrix block(int firstRow, int numRows, int firstColumn, int numColumns) {
    double[] block = new double[numRows * numColumns];
    for (int j = 0; j < numColumns; j++) {
      System.arraycopy(values, (firstColumn + j) * rows + firstRow, block, j * numRows, numRows);
    }
    return new Matrix(numRows, numColumns, block);
  }

  /**
   * Puts matrices beside each other.
   *
   * @param blocks at least one, all with the same number of rows
   */
  public static Matrix beside(List<Matrix> blocks) {
    int rows = blocks.get(0).rows;
    int columns = 0;
    for (Matrix block : blocks) {
      requireInner(rows, block.rows);
      columns += block.columns;
    }
    double[] values = new double[Math.multiplyExact(rows, columns)];
    int offset = 0;
    for (Matrix block : blocks) {
      System.arraycopy(block.values, 0, values, offset, block.values.length);
      offset += block.values.length;
    }
    return new Matrix(rows, columns, values);
  }

  /** Returns the square root of the sum of squares. */
  public double frobeniusNorm() {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  /**
   * Decomposes this matrix into Q · R by Householder reflections (LAPACK's geqrf). If it has fewer
   * rows than columns, Q is the identity and R this matrix.
   */
  Qr qr() {
    if (rows < columns) {
      return new Qr(identity(rows), this);
    }
    Supplier<Qr> work =
        () -> {
          try (INDArray q = onNd4j();
              INDArray r =
                  Nd4j.createUninitialized(q.dataType(), new long[] {columns, columns}, 'f')) {
            Nd4j.getBlasWrapper().lapack().geqrf(q, r); // q becomes Q
            return new Qr(
                new Matrix(rows, columns, q.data().asDouble()),
                new Matrix(columns, columns, r.data().asDouble()));
          }
        };
    return NativeBackend.run(work);
  }

  /**
   * Q · R.
   *
   * @param q [rows, min(rows, columns)] with orthonormal columns
   * @param r [min(rows, columns), columns]
   */
  record Qr(Matrix q, Matrix r) {}
}
