package io.github.moa4j.training.merging;

import io.github.moa4j.router.algebra.internal.Matrix;
import io.github.moa4j.router.algebra.internal.SingularValues;
import java.util.List;

/**
 * What adapters have in common in one map; the matrices are [part][part].
 *
 * @param adapters positions of the adapters that adapt this map
 * @param inner inner products of the deltas
 * @param columns mean cosines of the principal angles between the column spaces of B
 * @param rows mean cosines of the principal angles between the row spaces of A
 */
record MapSimilarity(int[] adapters, double[][] inner, double[][] columns, double[][] rows) {

  /**
   * Directions of a factor with less than this share of its strongest one's energy do not count:
   * f32 factors hold nothing but rounding there.
   */
  private static final double LEAST_ENERGY = 1e-10;

  static MapSimilarity of(AdaptedMap map) {
    List<AdaptedMap.Part> parts = map.parts();
    int[] offsets = new int[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      offsets[i + 1] = offsets[i] + parts.get(i).rank();
    }
    Matrix left = gram(parts.stream().map(AdaptedMap.Part::left).toList());
    Matrix right = gram(parts.stream().map(AdaptedMap.Part::right).toList());
    return new MapSimilarity(
        parts.stream().mapToInt(AdaptedMap.Part::adapter).toArray(),
        innerProducts(parts, left, right, offsets),
        angles(left, offsets),
        angles(right, offsets));
  }

  /** The inner products of all columns of all factors. */
  private static Matrix gram(List<Matrix> factors) {
    Matrix beside = Matrix.beside(factors);
    return beside.transposedTimes(beside);
  }

  private static double[][] innerProducts(
      List<AdaptedMap.Part> parts, Matrix left, Matrix right, int[] offsets) {
    double[][] inner = new double[parts.size()][parts.size()];
    for (int i = 0; i < parts.size(); i++) {
      for (int j = 0; j < parts.size(); j++) {
        double sum = 0;
        for (int column = offsets[j]; column < offsets[j + 1]; column++) {
          for (int row = offsets[i]; row < offsets[i + 1]; row++) {
            sum += left.at(row, column) * right.at(row, column);
          }
        }
        inner[i][j] = parts.get(i).scaling() * parts.get(j).scaling() * sum;
      }
    }
    return inner;
  }

  private static double[][] angles(Matrix gram, int[] offsets) {
    int count = offsets.length - 1;
    double[] whitening = new double[gram.values().length]; // the blocks on the diagonal
    int[] dimensions = new int[count];
    for (int i = 0; i < count; i++) {
      SingularValues eigen = SingularValues.of(block(gram, offsets, i, i)); // as it is symmetric
      dimensions[i] = dimension(eigen.values());
      for (int j = 0; j < dimensions[i]; j++) {
        double inverseRoot = 1 / Math.sqrt(eigen.values()[j]);
        for (int row = 0; row < eigen.u().rows(); row++) {
          whitening[(offsets[i] + j) * gram.rows() + offsets[i] + row] =
              eigen.u().at(row, j) * inverseRoot;
        }
      }
    }
    Matrix bases = new Matrix(gram.rows(), gram.columns(), whitening);
    Matrix cosines = bases.transposedTimes(gram.times(bases));
    double[][] angles = new double[count][count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        angles[i][j] = meanCosine(block(cosines, offsets, i, j), dimensions[i], dimensions[j]);
        angles[j][i] = angles[i][j];
      }
      angles[i][i] = dimensions[i] == 0 ? 0 : 1;
    }
    return angles;
  }

  private static Matrix block(Matrix gram, int[] offsets, int i, int j) {
    return gram.block(
        offsets[i], offsets[i + 1] - offsets[i], offsets[j], offsets[j + 1] - offsets[j]);
  }

  private static int dimension(double[] energies) {
    int dimension = 0;
    while (dimension < energies.length && energies[dimension] > LEAST_ENERGY * energies[0]) {
      dimension++;
    }
    return dimension;
  }

  /** Of spaces of different dimensions the smaller one's angles count. */
  private static double meanCosine(Matrix cosines, int rows, int columns) {
    int count = Math.min(rows, columns);
    if (count == 0) {
      return 0;
    }
    double sum = 0;
    for (double cosine : SingularValues.valuesOf(cosines)) {
      sum += Math.min(1, cosine); // those beyond the dimensions are 0
    }
    return sum / count;
  }
}
