package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.internal.PyTorchEngine;
import io.github.moa4j.core.kernel.internal.SamplingKernel;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Draws at points spread evenly over [0, 1), so that shares are exact to one draw. */
final class SamplerTest {

  private static final int DRAWS = 400;

  /** Of the tokens 0 to 5. */
  private static final double[] PROBABILITIES = {.02, .4, .08, .3, .05, .15};

  private static NDManager manager;
  private static SamplingKernel kernel;
  private static TokenPicker picker;

  @BeforeAll
  static void load() {
    manager = PyTorchEngine.newManager();
    kernel = SamplingKernel.load(manager);
    picker = new TokenPicker(kernel);
  }

  @AfterAll
  static void close() {
    kernel.close();
    manager.close();
  }

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

  private static int next(Sampler sampler, float... logits) {
    return pick(List.of(sampler), logits)[0];
  }

  /** Picks for several rows with the same or with different logits. */
  private static int[] pick(List<Sampler> samplers, float[]... logits) {
    int vocabulary = logits[0].length;
    float[] all = new float[samplers.size() * vocabulary];
    for (int row = 0; row < samplers.size(); row++) {
      System.arraycopy(
          logits[Math.min(row, logits.length - 1)], 0, all, row * vocabulary, vocabulary);
    }
    try (NDManager scope = manager.newSubManager()) {
      NDArray array = scope.create(all, new Shape(samplers.size(), vocabulary));
      int[] tokens = picker.pick(array, samplers);
      assertThat(array.toFloatArray()).isEqualTo(all);
      return tokens;
    }
  }

  /** How often each token is drawn, as a share. */
  private static double[] shares(GenerationOptions options, float[] logits) {
    PrimitiveIterator.OfDouble points =
        IntStream.range(0, DRAWS).mapToDouble(i -> (i + 0.5) / DRAWS).iterator();
    Sampler sampler = new Sampler(options, new int[0], logits.length, points::nextDouble);
    double[] shares = new double[logits.length];
    for (int token : pick(Collections.nCopies(DRAWS, sampler), logits)) {
      shares[token] += 1.0 / DRAWS;
    }
    return shares;
  }

  private static void assertDrawnAsInTheReference(GenerationOptions options, float[] logits) {
    double[] shares = shares(options, logits);
    double[] expected = ReferenceSampling.distribution(options, logits);
    for (int token = 0; token < shares.length; token++) {
      assertThat(shares[token])
          .as("token %d with %s", token, options)
          .isCloseTo(expected[token], within(1.01 / DRAWS));
    }
  }

  /** What is expected where only some of the six tokens are kept. */
  private static void assertShares(GenerationOptions options, int... kept) {
    double total = Arrays.stream(kept).mapToDouble(token -> PROBABILITIES[token]).sum();
    double[] shares = shares(options, logits(PROBABILITIES));
    for (int token = 0; token < shares.length; token++) {
      int wanted = token;
      boolean in = Arrays.stream(kept).anyMatch(other -> other == wanted);
      double expected = in ? PROBABILITIES[token] / total : 0;
      assertThat(shares[token]).as("token %d", token).isCloseTo(expected, within(1.01 / DRAWS));
      assertThat(shares[token] > 0).as("token %d", token).isEqualTo(in);
    }
  }

  @Test
  void takesTheBestTokenAtTemperatureZeroAndTheFirstOfEquals() {
    Sampler sampler = new Sampler(GenerationOptions.greedy(1), new int[0], 4);
    assertThat(next(sampler, -1, 2, 5, 3)).isEqualTo(2);
    assertThat(next(sampler, -1, 5, 2, 5)).isEqualTo(1);
    assertThat(next(sampler, -1, -0f, 0, -2)).isEqualTo(1);
  }

  @Test
  void takesTheFirstOfEqualsWhereverTheyStand() {
    SplittableRandom random = new SplittableRandom(1);
    for (int vocabulary : new int[] {1, 63, 64, 65, 127, 1000, 50257}) {
      float[] logits = new float[vocabulary];
      int[] places = random.ints(3, 0, vocabulary).sorted().toArray();
      for (int place : places) {
        logits[place] = 1;
      }
      Sampler greedy = new Sampler(GenerationOptions.greedy(1), new int[0], vocabulary);
      Sampler best = new Sampler(warm().topK(1).build(), new int[0], vocabulary);
      assertThat(pick(List.of(greedy, greedy), logits)).containsOnly(places[0]);
      assertThat(pick(List.of(greedy, best), logits)).containsOnly(places[0]);
    }
  }

  @Test
  void drawsFromTheDistributionAtTemperatureOne() {
    assertShares(warm().build(), 0, 1, 2, 3, 4, 5);
  }

  @Test
  void temperatureSharpensTheDistribution() {
    assertDrawnAsInTheReference(warm().temperature(0.5).build(), logits(PROBABILITIES));
    assertDrawnAsInTheReference(warm().temperature(50).build(), logits(PROBABILITIES));
    assertShares(warm().temperature(1e-300).build(), 1);
    assertShares(warm().temperature(1e-300).topP(0.9).build(), 1);
    assertShares(warm().temperature(1e-300).topK(3).build(), 1);
  }

  @Test
  void topKKeepsTheMostProbable() {
    assertShares(warm().topK(3).build(), 1, 3, 5);
    assertShares(warm().topK(1).build(), 1);
    assertShares(warm().topK(100).build(), 0, 1, 2, 3, 4, 5);
    assertShares(warm().topK(1000).build(), 0, 1, 2, 3, 4, 5);
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

  /**
   * Sets of a few and of thousands of tokens, filters that rank candidates and filters that do not,
   * logits of full precision and such with many equals, vocabularies of whole blocks and not.
   */
  @Test
  void everyFilterKeepsWhatSortingWouldKeep() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 60; round++) {
      int vocabulary = random.nextInt(1, 3000);
      double spread = new double[] {0.2, 1, 4}[random.nextInt(3)];
      double grid = random.nextBoolean() ? 0.25 : 1e-6;
      float[] logits = new float[vocabulary];
      for (int token = 0; token < vocabulary; token++) {
        double normal = random.doubles(12).sum() - 6;
        logits[token] = (float) (Math.rint(normal * spread / grid) * grid);
      }
      GenerationOptions options =
          warm()
              .temperature(new double[] {0.3, 1, 2}[random.nextInt(3)])
              .topK(random.nextBoolean() ? 0 : random.nextInt(1, 2000))
              .topP(random.nextBoolean() ? 1 : 1 - random.nextDouble())
              .minP(random.nextBoolean() ? 0 : random.nextDouble() / 4)
              .build();
      assertKept(options, logits);
      assertDrawnAsInTheReference(options, logits);
    }
  }

  /**
   * At the ends stand the first and the last of the kept, but for those too improbable to count.
   */
  private static void assertKept(GenerationOptions options, float[] logits) {
    double[] expected = ReferenceSampling.distribution(options, logits);
    int[] counting =
        IntStream.range(0, logits.length).filter(token -> expected[token] > 1e-13).toArray();
    try (NDManager scope = manager.newSubManager()) {
      NDArray array = scope.create(logits, new Shape(1, logits.length));
      int first = draw(array, options, 0);
      int last = draw(array, options, Math.nextDown(1.0));
      assertThat(first).as("%s", options).isLessThanOrEqualTo(counting[0]);
      assertThat(last).as("%s", options).isGreaterThanOrEqualTo(counting[counting.length - 1]);
      assertThat(expected[first]).as("%s", options).isPositive();
      assertThat(expected[last]).as("%s", options).isPositive();
    }
  }

  private static int draw(NDArray logits, GenerationOptions options, double x) {
    return kernel.draw(
        logits, 0, options.temperature(), options.topK(), options.topP(), options.minP(), x);
  }

  @Test
  void tokensWithoutProbabilityAreNeverDrawn() {
    float nothing = Float.NEGATIVE_INFINITY;
    for (GenerationOptions options :
        List.of(warm().build(), warm().topP(0.999).build(), warm().topK(2).build())) {
      double[] shares = shares(options, new float[] {nothing, 0, nothing});
      assertThat(shares[1]).isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void penaltyPushesTokensOfPromptAndAnswerDown() {
    GenerationOptions options = GenerationOptions.builder().repetitionPenalty(2).build();
    Sampler sampler = new Sampler(options, new int[] {0, 3, 7, -1}, 5);
    // 0 and 3 occurred: 5 / 2, -1 · 2; then 1 occurred too: 4 / 2; then 2: 3 / 2.
    float[] logits = {5, 4, 3, -1, -1.5f};
    assertThat(next(sampler, logits)).isEqualTo(1);
    assertThat(next(sampler, logits)).isEqualTo(2);
    assertThat(next(sampler, logits)).isEqualTo(0);
    assertThat(next(sampler, -5, -4, -3, -1, -1.5f)).isEqualTo(4);
  }

  @Test
  void penaltyOfARowLeavesTheOthersAlone() {
    GenerationOptions options = GenerationOptions.builder().repetitionPenalty(2).build();
    List<Sampler> samplers =
        List.of(
            new Sampler(options, new int[] {1}, 3),
            new Sampler(GenerationOptions.greedy(1), new int[] {1}, 3),
            new Sampler(options, new int[] {0}, 3));
    assertThat(pick(samplers, new float[] {3, 4, 1})).containsExactly(0, 1, 1);
  }

  @Test
  void aRowGetsTheSameTokensAloneAndInABatch() {
    SplittableRandom random = new SplittableRandom(3);
    List<GenerationOptions> options =
        List.of(
            GenerationOptions.greedy(1),
            warm().build(),
            warm().topK(5).build(),
            warm().topK(200).topP(0.9).build(),
            warm().topP(0.9).build(),
            warm().topP(0.9999).minP(0.001).build(),
            warm().topP(0.5).repetitionPenalty(1.5).build());
    List<Sampler> together = options.stream().map(o -> new Sampler(o, new int[] {9}, 777)).toList();
    List<Sampler> alone = options.stream().map(o -> new Sampler(o, new int[] {9}, 777)).toList();
    for (int step = 0; step < 20; step++) {
      float[][] logits = new float[options.size()][777];
      for (float[] row : logits) {
        for (int token = 0; token < row.length; token++) {
          row[token] = Math.round(random.nextDouble() * 40) / 8f;
        }
      }
      int[] tokens = pick(together, logits);
      for (int row = 0; row < tokens.length; row++) {
        assertThat(next(alone.get(row), logits[row])).as("row %d", row).isEqualTo(tokens[row]);
      }
    }
  }

  @Test
  void aSeedAndAPromptDetermineTheDraws() {
    GenerationOptions options = warm().seed(7).build();
    assertThat(draws(options, 1)).isEqualTo(draws(options, 1));
    assertThat(draws(options, 1)).isNotEqualTo(draws(options, 2));
    assertThat(draws(options, 1)).isNotEqualTo(draws(warm().seed(8).build(), 1));
  }

  @Test
  void drawsWithoutASeedDiffer() {
    GenerationOptions options = GenerationOptions.builder().temperature(1).build();
    assertThat(draws(options, 1)).isNotEqualTo(draws(options, 1));
  }

  private static List<Integer> draws(GenerationOptions options, int... prompt) {
    Sampler sampler = new Sampler(options, prompt, PROBABILITIES.length);
    return IntStream.range(0, 50).mapToObj(i -> next(sampler, logits(PROBABILITIES))).toList();
  }

  @Test
  void refusesLogitsThatAreNoNumbers() {
    float negativeNaN = Float.intBitsToFloat(0xFFC00000);
    float[][] broken = {
      {Float.NaN, Float.NaN},
      {1, Float.NaN},
      {negativeNaN, 1},
      {1, Float.POSITIVE_INFINITY},
      {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}
    };
    for (GenerationOptions options :
        List.of(
            GenerationOptions.greedy(1),
            warm().build(),
            warm().topK(2).build(),
            warm().topP(0.9).build())) {
      for (float[] logits : broken) {
        Sampler sampler = new Sampler(options, new int[0], 2);
        assertThatThrownBy(() -> next(sampler, logits))
            .isInstanceOf(MoaException.class)
            .hasMessageContaining("NaN");
      }
    }
  }
}
