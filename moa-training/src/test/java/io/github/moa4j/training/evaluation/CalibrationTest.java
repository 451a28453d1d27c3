package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.training.evaluation.Calibration.Bin;
import io.github.moa4j.training.evaluation.Calibration.Decision;
import io.github.moa4j.training.evaluation.Calibration.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class CalibrationTest {

  private static final Calibration FOUR =
      new Calibration(
          List.of(
              new Decision(0.95, true),
              new Decision(0.93, false),
              new Decision(0.55, true),
              new Decision(0, false)));

  @Test
  void sortsDecisionsIntoTenBins() {
    List<Bin> bins = FOUR.bins();
    assertThat(bins).hasSize(10);
    assertThat(bins).extracting(Bin::count).containsExactly(1, 0, 0, 0, 0, 1, 0, 0, 0, 2);
    assertThat(bins.get(9).confidence()).isEqualTo(0.94, within(1e-12));
    assertThat(bins.get(9).accuracy()).isEqualTo(0.5, within(1e-12));
    assertThat(bins.get(1).accuracy()).isNaN();
    assertThat(bins.get(1).gap()).isZero();
  }

  @Test
  void binsHoldTheirUpperBound() {
    Calibration bounds = new Calibration(List.of(new Decision(0.1, true), new Decision(0.7, true)));
    assertThat(bounds.bins().get(0).count()).isEqualTo(1);
    assertThat(bounds.bins().get(6).count()).isEqualTo(1);
  }

  @Test
  void weighsTheGapsOfTheBinsByTheirDecisions() {
    // (2 * |0.94 - 0.5| + |0.55 - 1| + |0 - 0|) / 4
    assertThat(FOUR.expectedCalibrationError()).isEqualTo(0.3325, within(1e-12));
  }

  @Test
  void tellsWhatIsLeftAtAThreshold() {
    assertThat(FOUR.at(0.93)).isEqualTo(new Selection(0.93, 0.5, 0.5));
    assertThat(FOUR.at(0.94)).isEqualTo(new Selection(0.94, 0.25, 1));
    assertThat(FOUR.at(1).coverage()).isZero();
    assertThat(FOUR.at(1).accuracy()).isNaN();
    assertThat(FOUR.accuracy()).isEqualTo(0.5);
  }

  @Test
  void ofNoDecisionIsNoNumber() {
    assertThat(Calibration.NONE.expectedCalibrationError()).isNaN();
    assertThat(Calibration.NONE.at(0.5).coverage()).isNaN();
  }

  @Test
  void refusesConfidencesThatAreNoShare() {
    for (double confidence : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new Decision(confidence, true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(confidence));
    }
  }

  @Property
  void countsEveryDecisionOnceInWhateverOrder(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = 0, max = 1) Double> confidences) {
    List<Decision> decisions =
        confidences.stream().map(value -> new Decision(value, value > 0.4)).toList();
    Calibration all = new Calibration(decisions);
    assertThat(all.bins().stream().mapToInt(Bin::count).sum()).isEqualTo(decisions.size());
    assertThat(all.bins())
        .allMatch(bin -> bin.count() == 0 || bin.confidence() >= bin.from() - 1e-9);
    assertThat(all.bins()).allMatch(bin -> bin.count() == 0 || bin.confidence() <= bin.to() + 1e-9);
    assertThat(all.expectedCalibrationError()).isBetween(0.0, 1.0);
    List<Decision> reversed = new ArrayList<>(decisions);
    Collections.reverse(reversed);
    assertThat(Calibration.NONE.plus(new Calibration(reversed)).expectedCalibrationError())
        .isEqualTo(all.expectedCalibrationError(), within(1e-9));
  }
}
