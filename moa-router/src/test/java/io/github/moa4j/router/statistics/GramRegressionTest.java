package io.github.moa4j.router.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.moa4j.router.statistics.internal.TokenGrams;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GramRegressionTest {

  private static final List<int[]> PROMPTS =
      List.of(
          new int[][] {
            {2, 6, 8, 23, 30, 33, 36},
            {1, 5, 26, 28},
            {6, 14, 15, 17, 21, 23, 28, 30},
            {0, 2, 5, 9, 11, 31, 35, 36},
            {1, 10, 18, 28},
            {3, 20, 23, 25},
            {8, 11, 18, 22, 28, 39},
            {0, 8, 16, 21, 23, 30, 34, 38},
            {5, 8, 13, 14, 17, 32}
          });
  private static final List<int[]> TEXTS =
      List.of(
          new int[][] {
            {22, 32, 34},
            {19, 35, 48},
            {19, 40, 42},
            {18, 19, 21, 28, 34, 42, 43, 47},
            {14, 24, 33, 39, 41, 48},
            {14, 16, 19, 23, 30, 33, 42},
            {12, 19, 32, 35, 38, 39, 44, 47},
            {37, 38, 43},
            {13, 19, 32, 37},
            {27, 30, 38, 40, 44, 49, 50, 51},
            {15, 23, 25, 27, 45, 46, 47},
            {15, 23, 33},
            {12, 13, 30, 36, 38, 44, 45, 47},
            {22, 24, 27, 28, 31, 43},
            {16, 33, 36, 38}
          });

  /**
   * scikit-learn 1.9.1, LogisticRegression(C=100, solver="liblinear"), both kinds weighing alike.
   */
  @Test
  void findsWhatAnIndependentImplementationFinds() {
    int[][] unseen = {
      {3, 4, 26, 33},
      {10, 11, 16, 18, 28, 35},
      {12, 16, 17, 18, 20, 21, 33, 41},
      {13, 14, 17, 34, 43, 46, 49}
    };
    double[] expected = {0.252173, 0.929816, 0.519639, 0.146028};
    float[] weights = GramRegression.solved(PROMPTS, TEXTS);
    GramRegression rounded = new GramRegression(weights);

    assertArrayEquals(
        expected, Arrays.stream(unseen).mapToDouble(bins -> of(weights, bins)).toArray(), 1e-3);
    assertArrayEquals(
        expected, Arrays.stream(unseen).mapToDouble(rounded::probability).toArray(), 0.02);
  }

  private static GramRegression fit(List<int[]> prompts, List<int[]> texts) {
    return GramRegression.fit(prompts, texts, List.of(), List.of());
  }

  private static double of(float[] weights, int[] bins) {
    double sum = Arrays.stream(bins).mapToDouble(bin -> weights[bin]).sum();
    return 1 / (1 + Math.exp(-sum / Math.sqrt(bins.length) - weights[TokenGrams.BINS]));
  }

  @Test
  void roundsItsWeightsOnce() {
    float[] rounded = fit(PROMPTS, TEXTS).weights();

    assertArrayEquals(rounded, new GramRegression(rounded).weights());
    float[] single = new float[TokenGrams.BINS + 1];
    for (float weight : new float[] {1.99f, 2, 1e-30f, 1e30f, -0.3f}) {
      single[9] = weight;
      float[] once = new GramRegression(single).weights();
      assertArrayEquals(once, new GramRegression(once).weights());
      assertEquals(weight, once[9], Math.abs(weight) / 100);
    }
  }

  @Test
  void weighsPromptsAndTextsAlikeHoweverManyThereAre() {
    List<int[]> twice = Stream.concat(TEXTS.stream(), TEXTS.stream()).toList();
    int[] between = {12, 16, 17, 18, 20, 21, 33, 41};

    double once = fit(PROMPTS, TEXTS).probability(between);

    assertEquals(once, fit(PROMPTS, twice).probability(between), 0.03);
  }

  @Test
  void tellsApartWhatItHasNotSeen() {
    Random random = new Random(5);
    List<int[]> prompts = drawn(random, 60, 0);
    List<int[]> texts = drawn(random, 60, 40);

    GramRegression regression = fit(prompts, texts);

    assertTrue(drawn(random, 20, 0).stream().allMatch(own -> regression.probability(own) > 0.5));
    assertTrue(drawn(random, 20, 40).stream().allMatch(own -> regression.probability(own) < 0.5));
  }

  private static List<int[]> drawn(Random random, int count, int from) {
    return Stream.generate(() -> random.ints(12, from, from + 60).sorted().distinct().toArray())
        .limit(count)
        .toList();
  }

  @Test
  void isAsSureAsPromptsThatItHasNotLearntAllow() {
    Random random = new Random(6);
    List<int[]> prompts = drawn(random, 20, 0);
    List<int[]> texts = drawn(random, 200, 15);
    List<int[]> otherPrompts = drawn(random, 200, 0);
    List<int[]> otherTexts = drawn(random, 200, 15);

    GramRegression alone = fit(prompts, texts);
    GramRegression checked = GramRegression.fit(prompts, texts, otherPrompts, otherTexts);

    List<int[]> newPrompts = drawn(random, 500, 0);
    List<int[]> newTexts = drawn(random, 500, 15);
    assertTrue(loss(checked, newPrompts, newTexts) < 0.9 * loss(alone, newPrompts, newTexts));
    assertEquals(
        0.5, // in the mean, where prompts and texts are as many
        (mean(checked, newPrompts) + mean(checked, newTexts)) / 2,
        0.05);
  }

  private static double mean(GramRegression regression, List<int[]> all) {
    return all.stream().mapToDouble(regression::probability).average().orElseThrow();
  }

  private static double loss(GramRegression regression, List<int[]> prompts, List<int[]> texts) {
    return prompts.stream().mapToDouble(bins -> -Math.log(regression.probability(bins))).sum()
        + texts.stream().mapToDouble(bins -> -Math.log1p(-regression.probability(bins))).sum();
  }

  @Test
  void isTheSameBitForBitOfTheSamePrompts() {
    assertArrayEquals(fit(PROMPTS, TEXTS).weights(), fit(PROMPTS, TEXTS).weights());
  }

  @Test
  void takesPromptsWithoutTokens() {
    GramRegression regression = fit(List.of(new int[0]), List.of(new int[] {7}));

    assertTrue(Double.isFinite(regression.probability(new int[0])));
  }

  @Test
  void refusesWeightsThatAreNone() {
    float[] infinite = new float[TokenGrams.BINS + 1];
    infinite[3] = Float.POSITIVE_INFINITY;

    assertThrows(IllegalArgumentException.class, () -> new GramRegression(infinite));
    assertThrows(IllegalArgumentException.class, () -> new GramRegression(new float[3]));
    assertFalse(GramRegression.of(new float[TokenGrams.BINS + 1]).isPresent());
  }
}
