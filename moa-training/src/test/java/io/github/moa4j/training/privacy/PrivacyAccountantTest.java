package io.github.moa4j.training.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.moa4j.core.MoaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrivacyAccountantTest {

  /** What was published before the conversion from Rényi's divergence was improved. */
  private static double withTheOlderConversion(double noise, double rate, int steps) {
    double[] divergences = new SampledGaussian(noise, rate, 1).divergences();
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < divergences.length; i++) {
      double order = SampledGaussian.ORDERS[i];
      least = Math.min(least, steps * divergences[i] + Math.log(1e5) / (order - 1));
    }
    return least;
  }

  @ParameterizedTest(name = "noise {0}, rate {1}, {2} steps: {3}")
  @CsvSource({
    // The tutorial of TensorFlow Privacy: MNIST, 60,000 examples in batches of 256.
    "1.3, 0.00426666667, 3516, 1.19",
    "1.1, 0.00426666667, 14063, 3.01",
    "0.7, 0.00426666667, 10547, 7.10",
    // Abadi et al. (2016), section 3.2: the moments accountant's example
    "4, 0.01, 10000, 1.26"
  })
  void agreesWithPublishedFigures(double noise, double rate, int steps, double epsilon) {
    assertThat(withTheOlderConversion(noise, rate, steps)).isCloseTo(epsilon, within(0.005));
  }

  @ParameterizedTest(name = "noise {0}, rate {1}, {2} steps: {3}")
  @CsvSource({
    // by the closed forms of Mironov et al. (2019) in 40 digits, and the same conversion
    "1.3, 0.00426666667, 3516, 0.9545640",
    "1.1, 0.00426666667, 14063, 2.5966555",
    "0.7, 0.00426666667, 10547, 6.3183840",
    "4, 0.01, 10000, 1.0354900",
    // Opacus's own test of its accountant
    "1.5, 0.04, 2250, 7.32911117"
  })
  void convertsAsOpacusDoes(double noise, double rate, int steps, double epsilon) {
    double[] divergences = new SampledGaussian(noise, rate, 1).divergences();
    assertThat(PrivacyAccountant.renyi(divergences, steps, 1e-5))
        .isCloseTo(epsilon, withinPercentage(0.01));
  }

  @ParameterizedTest(name = "noise {0}, rate {1}, {2} steps: {3}")
  @CsvSource({
    // Opacus's own test of its accountant by privacy loss
    "1.5, 0.04, 2250, 6.777395712",
    // and the Gaussian mechanism once, by theorem 8 of Balle and Wang (2018)
    "1, 1, 1, 4.3774"
  })
  void theLossItselfGivesTheTighterBound(double noise, double rate, int steps, double epsilon) {
    double found = PrivacyAccountant.epsilon(noise, rate, steps, 1e-5, 1);
    assertThat(found).isCloseTo(epsilon, withinPercentage(0.5));
  }

  @Test
  void composedLossesAreThoseOfOneGaussianOfTheSameDistance() {
    // n steps at rate 1 are one step with noise / sqrt(n), whatever the grid.
    double one = PrivacyAccountant.epsilon(1, 1, 1, 1e-6, 1);
    assertThat(PrivacyAccountant.epsilon(10, 1, 100, 1e-6, 1)).isCloseTo(one, within(0.03));
    assertThat(PrivacyAccountant.epsilon(3, 1, 9, 1e-6, 1)).isCloseTo(one, within(0.03));
  }

  @ParameterizedTest(name = "noise {1}, rate {0}, order {2}")
  @CsvSource({
    "0.01, 1.0, 2.5, 0.00021757533228",
    "0.01, 1.0, 8, 0.00089364390761",
    "0.2, 0.6, 1.3, 0.16060237069920",
    "0.2, 0.6, 20, 26.083632606794517",
    "0.5, 3, 5.5, 0.08834731337201",
    "1, 2, 7.5, 0.9375",
    "0.001, 0.5, 3.7, 0.0015770849757355"
  })
  void knowsTheDivergenceOfWholeAndFractionalOrders(
      double rate, double noise, double order, double divergence) {
    assertThat(new SampledGaussian(noise, rate, 1).divergences(order)[0])
        .isCloseTo(divergence, within(1e-9 + 1e-9 * divergence));
  }

  @ParameterizedTest(name = "noise {0}, rate {1}, {2} steps, {3} examples: {4}")
  @CsvSource({
    // by convolution on a grid of 2e-5, every mass divided between its two neighbours (NumPy)
    "1.5, 0.04, 200, 1, 1.83963",
    "2, 0.1, 50, 2, 3.61826",
    "1, 0.05, 60, 3, 9.85100"
  })
  void aRecordMayHaveSeveralExamples(
      double noise, double rate, int steps, int examples, double epsilon) {
    assertThat(PrivacyAccountant.epsilon(noise, rate, steps, 1e-5, examples))
        .isCloseTo(epsilon, withinPercentage(1))
        .isGreaterThanOrEqualTo(epsilon - 1e-4);
  }

  @Test
  void aRecordThatIsAlwaysDrawnIsAsFarAwayAsAllItsExamples() {
    assertThat(PrivacyAccountant.epsilon(4, 1, 100, 1e-5, 2))
        .isCloseTo(PrivacyAccountant.epsilon(2, 1, 100, 1e-5, 1), within(0.03));
  }

  @Test
  void choosesTheLeastNoiseThatKeepsToAnEpsilon() {
    for (double epsilon : new double[] {0.5, 8}) {
      double noise = PrivacyAccountant.noiseFor(epsilon, 0.02, 100, 1e-5, 1);
      assertThat(PrivacyAccountant.epsilon(noise, 0.02, 100, 1e-5, 1))
          .isLessThanOrEqualTo(epsilon)
          .isGreaterThan(0.97 * epsilon);
    }
  }

  @Test
  @Timeout(60)
  void choosesTheNoiseOfRecordsOfManyExamples() {
    double noise = PrivacyAccountant.noiseFor(8, 0.02, 100, 1e-5, 100);
    assertThat(PrivacyAccountant.epsilon(noise, 0.02, 100, 1e-5, 100))
        .isLessThanOrEqualTo(8)
        .isGreaterThan(0.97 * 8);
    // where the noise is next to nothing beside a record, none is promised
    assertThat(PrivacyAccountant.epsilon(0.5, 0.02, 100, 1e-5, 1000)).isInfinite();
  }

  @Test
  void withoutNoiseNothingIsPromisedAndWithoutStepsNothingIsLearnt() {
    assertThat(PrivacyAccountant.epsilon(0, 0.01, 100, 1e-5, 1)).isInfinite();
    assertThat(PrivacyAccountant.epsilon(1, 0.01, 0, 1e-5, 1)).isZero();
  }

  @Test
  void refusesPlansThatPromiseNothing() {
    PrivacyOptions within = PrivacyOptions.within(8, 1e-3);
    assertThatThrownBy(() -> within.plan(1000, 32, 3))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("delta", "0.001", "1000 examples");
    assertThatThrownBy(() -> within.plan(30, 32, 3))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("32 of 30", "batchSize");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyOptions(8, 1, 1e-5, 1, 1, false))
        .withMessageContaining("Either epsilon or noiseMultiplier");
  }

  @Test
  void plansNoiseRateAndSteps() {
    PrivacyGuarantee plan = PrivacyOptions.within(8, 1e-5).withClipNorm(0.5).plan(1000, 40, 3);
    assertThat(plan.epsilon()).isLessThanOrEqualTo(8).isCloseTo(8, withinPercentage(3));
    assertThat(plan.samplingRate()).isEqualTo(0.04);
    assertThat(plan.steps()).isEqualTo(75);
    assertThat(plan.clipNorm()).isEqualTo(0.5);
    assertThat(plan.toMap()).containsEntry("delta", 1e-5).containsEntry("steps", 75);
  }
}
