package io.github.moa4j.router.algebra.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.checkpoint.HostTensor;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class SingularValuesTest {

  @Property(tries = 60)
  void theProductIsTheMatrixAgain(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll @IntRange(min = 1, max = 12) int columns,
      @ForAll long seed) {
    Matrix matrix = gaussian(rows, columns, seed);
    SingularValues found = SingularValues.of(matrix);
    assertThat(found.values()).hasSize(Math.min(rows, columns));
    assertSame(product(found), matrix);
    assertSame(found.u().transposedTimes(found.u()), Matrix.identity(Math.min(rows, columns)));
    assertThat(SingularValues.valuesOf(matrix)).containsExactly(found.values(), within(1e-10));
  }

  @Property(tries = 60)
  void decomposesAProductOfFactorsWithoutFormingIt(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll @IntRange(min = 1, max = 12) int columns,
      @ForAll @IntRange(min = 1, max = 8) int rank,
      @ForAll long seed) {
    Matrix left = gaussian(rows, rank, seed);
    Matrix right = gaussian(columns, rank, seed + 1);
    assertSame(product(SingularValues.ofProduct(left, right)), left.times(right.transposed()));
  }

  @Property(tries = 30)
  void findsAllOfALowRankMatrixAndOfASmallOne(
      @ForAll @IntRange(min = 1, max = 30) int rows,
      @ForAll @IntRange(min = 1, max = 30) int columns,
      @ForAll @IntRange(min = 1, max = 4) int rank,
      @ForAll long seed) {
    Matrix low = gaussian(rows, rank, seed).times(gaussian(rank, columns, seed + 1));
    assertSame(product(SingularValues.greatest(low, rank)), low);
    Matrix full = gaussian(rows, columns, seed);
    assertSame(product(SingularValues.greatest(full, Math.min(rows, columns))), full);
  }

  @Test
  void theRandomisedErrorIsCloseToTheBestEvenOnAFlatSpectrum() {
    Matrix flat = gaussian(128, 200, 1);
    double best = energy(SingularValues.of(flat).truncated(16));
    assertThat(energy(SingularValues.greatest(flat, 16))).isBetween(0.95 * best, best + 1e-9);
    double total = flat.frobeniusNorm() * flat.frobeniusNorm();
    double error = total - energy(SingularValues.greatest(flat, 16));
    assertThat(Math.sqrt(error / (total - best))).isLessThan(1.01);
  }

  @Test
  void aMatrixOfZerosHasValuesOfZero() {
    SingularValues found = SingularValues.of(new Matrix(3, 2, new double[6]));
    assertThat(found.values()).containsExactly(0, 0);
    assertThat(SingularValues.greatest(new Matrix(3, 2, new double[6]), 1).values())
        .containsExactly(0);
  }

  @Test
  void tensorsComeBackAsTheyWere() {
    HostTensor tensor = HostTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(Matrix.of(tensor).at(1, 0)).isEqualTo(4);
    assertThat(Matrix.of(tensor).toTensor()).isEqualTo(tensor);
    assertThat(Matrix.of(tensor).block(1, 1, 1, 2).values()).containsExactly(5, 6);
  }

  private static double energy(SingularValues decomposition) {
    double sum = 0;
    for (double value : decomposition.values()) {
      sum += value * value;
    }
    return sum;
  }

  private static Matrix product(SingularValues of) {
    return of.u().timesDiagonal(of.values()).times(of.v().transposed());
  }

  private static void assertSame(Matrix found, Matrix expected) {
    assertThat(found.rows()).isEqualTo(expected.rows());
    assertThat(found.values()).containsExactly(expected.values(), within(1e-9));
  }

  private static Matrix gaussian(int rows, int columns, long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles((long) rows * columns, -1, 1).toArray();
    return new Matrix(rows, columns, values);
  }
}
