package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class AurocTest {

  @Test
  void isOneWhereAllPositivesLieAbove() {
    assertThat(Auroc.of(new double[] {3, 4}, new double[] {1, 2})).isEqualTo(1);
    assertThat(Auroc.of(new double[] {1, 2}, new double[] {3, 4})).isZero();
  }

  @Test
  void countsTiesHalf() {
    assertThat(Auroc.of(new double[] {1, 1}, new double[] {1})).isEqualTo(0.5);
    assertThat(Auroc.of(new double[] {0.8, 0.4, 0.35}, new double[] {0.1, 0.4})).isEqualTo(4.5 / 6);
  }

  @Test
  void equalsTheCountOfPairs() {
    SplittableRandom random = new SplittableRandom(1);
    double[] positives = random.doubles(57).map(x -> Math.round(x * 20)).toArray();
    double[] negatives = random.doubles(33).map(x -> Math.round(x * 15)).toArray();
    double pairs = 0;
    for (double positive : positives) {
      for (double negative : negatives) {
        pairs += positive > negative ? 1 : positive == negative ? 0.5 : 0;
      }
    }
    assertThat(Auroc.of(positives, negatives)).isCloseTo(pairs / 57 / 33, within(1e-12));
  }

  @Test
  void isUnknownWithoutOneOfTheSides() {
    assertThat(Auroc.of(new double[0], new double[] {1})).isNaN();
    assertThat(Auroc.of(new double[] {1}, new double[0])).isNaN();
  }

  @Test
  void refusesScoresThatAreNoNumbers() {
    assertThatThrownBy(() -> Auroc.of(new double[] {Double.NaN}, new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
  }
}
