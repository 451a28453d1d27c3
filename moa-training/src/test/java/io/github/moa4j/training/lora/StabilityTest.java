package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StabilityTest {

  @Test
  void aCalmRunHasNoSpikes() {
    Stability calm = Stability.of(falling(100), Collections.nCopies(100, 1.5));
    assertThat(calm).isEqualTo(new Stability(100, 1.5, 1.5, 0, false));
  }

  @Test
  void tellsMedianAndMaximumOfTheGradientNorms() {
    Stability found = Stability.of(falling(4), List.of(1.0, 9.0, 2.0, 3.0));
    assertThat(found.medianGradientNorm()).isEqualTo(2.5);
    assertThat(found.maximumGradientNorm()).isEqualTo(9);
  }

  @Test
  void countsLossesFarAboveThoseBefore() {
    List<Double> losses = new ArrayList<>(Collections.nCopies(60, 1.0));
    losses.set(30, 2.1);
    losses.set(40, 1.9);
    losses.set(50, 3.0);
    assertThat(Stability.of(losses, losses).lossSpikes()).isEqualTo(2);
    assertThat(Stability.of(losses, losses).diverged()).isFalse();
  }

  @Test
  void comparesWithTheLastTwentyStepsOnly() {
    List<Double> losses = new ArrayList<>(Collections.nCopies(30, 10.0));
    losses.addAll(Collections.nCopies(25, 1.0));
    losses.add(5.0);
    assertThat(Stability.of(losses, losses).lossSpikes()).isEqualTo(1);
  }

  @Test
  void aRunThatEndsAboveItsStartDiverged() {
    List<Double> rising = new ArrayList<>(falling(100));
    Collections.reverse(rising);
    assertThat(Stability.of(rising, rising).diverged()).isTrue();
    assertThat(Stability.of(List.of(1.0, 2.0), List.of(1.0, 1.0)).diverged()).isTrue();
  }

  @Test
  void aRunThatStartsAsGoodAsItEndsIsCalm() {
    List<Double> losses = new ArrayList<>(Collections.nCopies(40, 1.0));
    Collections.fill(losses.subList(36, 40), 1.1);
    assertThat(Stability.of(losses, losses).diverged()).isFalse();
  }

  @Test
  void aLossOrNormThatIsNoNumberDiverged() {
    List<Double> norms = Collections.nCopies(3, 1.0);
    assertThat(Stability.of(List.of(3.0, Double.NaN, 1.0), norms).diverged()).isTrue();
    assertThat(Stability.of(norms, List.of(1.0, Double.POSITIVE_INFINITY, 1.0)).diverged())
        .isTrue();
  }

  @Test
  void anEmptyRunIsCalm() {
    Stability none = Stability.of(List.of(), List.of());
    assertThat(none.diverged()).isFalse();
    assertThat(none.medianGradientNorm()).isNaN();
  }

  @Test
  void recordsTheStepsOfARun() {
    Stability.Recorder recorder = Stability.recorder();
    recorder.onStep(new TrainingListener.TrainingStep(1, 2, 4, 3, 1e-3, 10));
    recorder.onStep(new TrainingListener.TrainingStep(2, 2, 2, 1, 1e-3, 10));
    assertThat(recorder.stability()).isEqualTo(new Stability(2, 2, 3, 0, false));
  }

  @Test
  void refusesListsOfDifferentLength() {
    assertThatThrownBy(() -> Stability.of(List.of(1.0), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 losses and 0 norms");
  }

  private static List<Double> falling(int steps) {
    return IntStream.range(0, steps).mapToObj(i -> 5.0 - 4.0 * i / steps).toList();
  }
}
