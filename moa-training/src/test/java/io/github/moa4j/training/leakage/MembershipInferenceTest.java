package io.github.moa4j.training.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MembershipInferenceTest {

  private static final int ADAPTERS = 8;
  private static final int EXAMPLES = 2000;

  /** Examples of very different difficulty, whose loss falls by a little when they are learnt. */
  private static MembershipInference attack(double learnt) {
    Random random = new Random(1);
    double[][] losses = new double[ADAPTERS][EXAMPLES];
    boolean[][] member = new boolean[ADAPTERS][EXAMPLES];
    for (int example = 0; example < EXAMPLES; example++) {
      double difficulty = 1 + 2 * random.nextDouble();
      for (int adapter = 0; adapter < ADAPTERS; adapter++) {
        member[adapter][example] = (adapter + example) % 2 == 0;
        losses[adapter][example] =
            difficulty + 0.1 * random.nextGaussian() - (member[adapter][example] ? learnt : 0);
      }
    }
    return new MembershipInference(losses, member);
  }

  @Test
  void shadowsTellWhatTheLossAloneDoesNot() {
    MembershipInference attack = attack(0.3);
    assertThat(attack.byLoss().auc()).isBetween(0.55, 0.65);
    // Three deviations apart: normal scores of a distance of 3 / sqrt(2)
    assertThat(attack.byLikelihoodRatio().auc()).isBetween(0.95, 0.995);
    assertThat(attack.byLikelihoodRatio().truePositives()).isGreaterThan(0.4);
    assertThat(attack.byLoss().members()).isEqualTo(ADAPTERS * EXAMPLES / 2);
  }

  @Test
  void whatHasLeftNoTraceIsGuessed() {
    MembershipInference attack = attack(0);
    assertThat(attack.byLoss().auc()).isCloseTo(0.5, within(0.02));
    assertThat(attack.byLikelihoodRatio().auc()).isCloseTo(0.5, within(0.02));
    assertThat(attack.byLikelihoodRatio().truePositives()).isCloseTo(0.01, within(0.006));
  }

  @Test
  void countsWhatIsToldAtOneFalseAlarmInAHundred() {
    double[] others = IntStream.range(0, 200).mapToDouble(i -> i).toArray();
    double[] members = {197, 197.5, 198.5, 300};
    // Two of the others, 198 and 199, may lie above the threshold.
    assertThat(AttackRate.of(members, others).truePositives()).isEqualTo(0.75);
  }

  @Test
  void exposureIsTheBitsSavedByTryingTheMostProbableFirst() {
    double[] others = IntStream.range(0, 255).mapToDouble(i -> i).toArray();
    assertThat(Canary.exposure(-1, others)).isEqualTo(8);
    assertThat(Canary.exposure(300, others)).isEqualTo(0);
    assertThat(Canary.exposure(126.5, others)).isCloseTo(1, within(1e-9));
  }

  @Test
  void canariesAreDrawnOnceAndDifferFromTheirOthers() {
    Canary canary = Canary.of("door A", 50, 3, 4);
    assertThat(canary).isEqualTo(Canary.of("door A", 50, 3, 4));
    assertThat(canary.others())
        .hasSize(50)
        .doesNotContain(canary.example())
        .doesNotHaveDuplicates();
    assertThat(canary.example().question()).isEqualTo(canary.others().get(7).question());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Canary.of("door A", 0, 1, 4))
        .withMessageContaining("1 and 0");
  }
}
