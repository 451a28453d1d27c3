package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class LengthBucketedBatchesTest {

  @Property(tries = 200)
  void everyExampleStandsInOneBatch(
      @ForAll @IntRange(min = 1, max = 120) int count,
      @ForAll @IntRange(min = 1, max = 40) int batchSize,
      @ForAll long seed) {
    List<EncodedExample> examples = examples(count);
    List<List<EncodedExample>> batches = LengthBucketedBatches.of(examples, batchSize, seed, 0);
    assertThat(batches).hasSize((count + batchSize - 1) / batchSize);
    assertThat(batches.stream().flatMap(List::stream).toList())
        .containsExactlyInAnyOrderElementsOf(examples);
    assertThat(batches).allMatch(batch -> batch.size() <= batchSize);
    assertThat(batches.stream().mapToInt(List::size).max().orElseThrow())
        .isLessThanOrEqualTo(batches.stream().mapToInt(List::size).min().orElseThrow() + 1);
  }

  @Property(tries = 200)
  void noBatchHasMoreTokensThanAllowed(
      @ForAll @IntRange(min = 1, max = 120) int count,
      @ForAll @IntRange(min = 60, max = 500) int maxTokens,
      @ForAll long seed) {
    List<EncodedExample> examples = examples(count);
    List<List<EncodedExample>> batches = LengthBucketedBatches.of(examples, 16, maxTokens, seed, 0);
    assertThat(batches).allMatch(batch -> tokens(batch) <= maxTokens);
    assertThat(batches.stream().flatMap(List::stream).toList())
        .containsExactlyInAnyOrderElementsOf(examples);
    assertThat(LengthBucketedBatches.of(examples, 16, maxTokens, seed, 1)).hasSameSizeAs(batches);
  }

  @Test
  void batchesAreAFunctionOfSeedAndEpoch() {
    List<EncodedExample> examples = examples(100);
    assertThat(LengthBucketedBatches.of(examples, 16, 3, 2))
        .isEqualTo(LengthBucketedBatches.of(examples, 16, 3, 2))
        .isNotEqualTo(LengthBucketedBatches.of(examples, 16, 3, 1))
        .isNotEqualTo(LengthBucketedBatches.of(examples, 16, 4, 2));
  }

  @Test
  void leavesTheOrderOfTheExamplesAlone() {
    List<EncodedExample> examples = examples(30);
    LengthBucketedBatches.of(examples, 4, 1, 0);
    assertThat(examples).isEqualTo(examples(30));
  }

  @Test
  void padsLittle() {
    List<EncodedExample> examples = examples(2000);
    int padded =
        LengthBucketedBatches.of(examples, 16, 1, 0).stream()
            .mapToInt(LengthBucketedBatchesTest::paddedTokens)
            .sum();
    int tokens = examples.stream().mapToInt(example -> example.tokens().length).sum();
    assertThat(padded).isLessThan(tokens * 102 / 100);
  }

  @Test
  void batchesComeInNoOrderOfLength() {
    List<Integer> lengths =
        LengthBucketedBatches.of(examples(2000), 16, 1, 0).stream()
            .map(batch -> batch.get(0).tokens().length)
            .toList();
    assertThat(lengths).isNotEqualTo(lengths.stream().sorted().toList());
  }

  @Test
  void refusesNothingToLayOutAndExamplesOverTheLimit() {
    assertThatThrownBy(() -> LengthBucketedBatches.of(List.of(), 16, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LengthBucketedBatches.of(examples(3), 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    EncodedExample longOne = new EncodedExample(new int[50], 1);
    assertThatThrownBy(() -> LengthBucketedBatches.of(List.of(longOne), 16, 49, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("50 tokens, more than the 49");
  }

  private static int tokens(List<EncodedExample> batch) {
    return batch.stream().mapToInt(example -> example.tokens().length).sum();
  }

  private static int paddedTokens(List<EncodedExample> batch) {
    return batch.size()
        * batch.stream().mapToInt(example -> example.tokens().length).max().orElseThrow();
  }

  private static List<EncodedExample> examples(int count) {
    Random random = new Random(count);
    return Stream.generate(
            () -> {
              int[] tokens = random.ints(2 + random.nextInt(58), 0, 4096).toArray();
              return new EncodedExample(tokens, 1 + random.nextInt(tokens.length - 1));
            })
        .limit(count)
        .toList();
  }
}
