package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.MoaException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SamplerTest {

  private static final int DRAWS = 40_000;

  /** Of the tokens 0 to 5. */
  private static final double[] PROBABILITIES = {.02, .4, .08, .3, .05, .15};

  private static float[] logits(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (Math.log(probabilities[i]) + 3); // any constant shift
    }
    return logits;
  }

  private static GenerationOptions.Builder warm() {
    return GenerationOptions.builder().temperature(1).seed(42);
  }

  /** How often each token is drawn, as a share. */
  private static double[] shares(GenerationOptions options) {
    Sampler sampler = new Sampler(options, new int[0], PROBABILITIES.length);
    double[] shares = new double[PROBABILITIES.length];
    for (int i = 0; i < DRAWS; i++) {
      shares[sampler.next(logits(PROBABILITIES))] += 1.0 / DRAWS;
    }
    return shares;
  }

  /** What is expected where only some tokens are kept. */
  private static void assertShares(GenerationOptions options, int... kept) {
    double total = Arrays.stream(kept).mapToDouble(token -> PROBABILITIES[token]).sum();
    double[] shares = shares(options);
    for (int token = 0; token < shares.length; token++) {
      int wanted = token;
      boolean in = Arrays.stream(kept).anyMatch(other -> other == wanted);
      if (in) {
        // Five deviations of a share of 0.5 in so many draws.
        assertThat(shares[token]).isCloseTo(PROBABILITIES[token] / total, within(0.0125));
      } else {
        assertThat(shares[token]).as("token %d", token).isZero();
      }
    }
  }

  @Test
  void takesTheBestTokenAtTemperatureZeroAndTheFirstOfEquals() {
    Sampler sampler = new Sampler(GenerationOptions.greedy(1), new int[0], 4);
    assertThat(sampler.next(new float[] {-1, 2, 5, 3})).isEqualTo(2);
    assertThat(sampler.next(new float[] {-1, 5, 2, 5})).isEqualTo(1);
  }

  @Test
  void drawsFromTheDistributionAtTemperatureOne() {
    assertShares(warm().build(), 0, 1, 2, 3, 4, 5);
  }

  @Test
  void temperatureSharpensTheDistribution() {
    double[] shares = shares(warm().temperature(0.5).build());
    double total = Arrays.stream(PROBABILITIES).map(p -> p * p).sum();
    for (int token = 0; token < shares.length; token++) {
      double expected = PROBABILITIES[token] * PROBABILITIES[token] / total;
      assertThat(shares[token]).isCloseTo(expected, within(0.0125));
    }
    assertThat(shares(warm().temperature(1e-300).build())[1]).isCloseTo(1, within(1e-9));
  }

  @Test
  void topKKeepsTheMostProbable() {
    assertShares(warm().topK(3).build(), 1, 3, 5);
    assertShares(warm().topK(1).build(), 1);
    assertShares(warm().topK(100).build(), 0, 1, 2, 3, 4, 5);
  }

  @Test
  void topPKeepsTheSmallestSetThatReachesTheSum() {
    assertShares(warm().topP(0.69).build(), 1, 3);
    assertShares(warm().topP(0.71).build(), 1, 3, 5);
    assertShares(warm().topP(1e-9).build(), 1);
  }

  @Test
  void topPCountsWhatTopKKept() {
    // .4, .3 and .15 renormalised: .47, .35, .18
    assertShares(warm().topK(3).topP(0.81).build(), 1, 3);
    assertShares(warm().topK(3).topP(0.83).build(), 1, 3, 5);
  }

  @Test
  void minPComparesWithTheBest() {
    assertShares(warm().minP(0.37).build(), 1, 3, 5);
    assertShares(warm().minP(0.38).build(), 1, 3);
    assertShares(warm().minP(1).build(), 1);
  }

  @Test
  void minPComesBehindTopP() {
    // Were min-p first, .4 and .3 alone would reach 0.82 of their .85.
    assertShares(warm().minP(0.37).topP(0.82).build(), 1, 3, 5);
    assertShares(warm().minP(0.38).topP(0.82).build(), 1, 3);
    assertShares(warm().minP(0.38).topK(5).build(), 1, 3);
  }

  @Test
  void tokensWithoutProbabilityAreNeverDrawn() {
    Sampler sampler = new Sampler(warm().topP(0.999).build(), new int[0], 3);
    for (int i = 0; i < 1000; i++) {
      float[] logits = {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY};
      assertThat(sampler.next(logits)).isEqualTo(1);
    }
  }

  @Test
  void penaltyPushesTokensOfPromptAndAnswerDown() {
    GenerationOptions options = GenerationOptions.builder().repetitionPenalty(2).build();
    Sampler sampler = new Sampler(options, new int[] {0, 3}, 5);
    // 0 and 3 occurred: 5 / 2, -1 · 2; then 1 occurred too: 4 / 2; then 2.
    float[] logits = {5, 4, 3, -1, -1.5f};
    float[] first = logits.clone();
    assertThat(sampler.next(first)).isEqualTo(1);
    assertThat(first).containsExactly(2.5f, 4, 3, -2, -1.5f);
    assertThat(sampler.next(logits.clone())).isEqualTo(2);
    assertThat(sampler.next(logits.clone())).isEqualTo(0);
  }

  @Test
  void sameSeedDrawsTheSameTokens() {
    assertThat(draws(7)).isEqualTo(draws(7)).isNotEqualTo(draws(8));
  }

  private static int[] draws(long seed) {
    Sampler sampler = new Sampler(warm().seed(seed).build(), new int[0], PROBABILITIES.length);
    return IntStream.range(0, 50).map(i -> sampler.next(logits(PROBABILITIES))).toArray();
  }

  @Test
  void refusesLogitsThatAreNoNumbers() {
    float[] nothing = {Float.NaN, Float.NaN};
    for (double temperature : new double[] {0, 1}) {
      GenerationOptions options = warm().temperature(temperature).build();
      Sampler sampler = new Sampler(options, new int[0], 2);
      assertThatThrownBy(() -> sampler.next(nothing.clone()))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("NaN");
    }
  }
}
