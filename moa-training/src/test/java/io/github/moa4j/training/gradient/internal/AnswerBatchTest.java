package io.github.moa4j.training.gradient.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.model.internal.TokenBatch;
import io.github.moa4j.training.data.EncodedExample;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class AnswerBatchTest {

  private static final int CONTEXT = 48;

  @Property
  void fillingAddsOnlyBehindTheEndsOfTheShortest(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 2, max = CONTEXT) Integer> lengths) {
    AnswerBatch batch = AnswerBatch.of(examples(lengths));
    AnswerBatch filled = batch.filled(CONTEXT);
    TokenBatch before = batch.tokens();
    TokenBatch after = filled.tokens();
    int wanted = Math.min(AnswerBatch.commonSize(before.size()), lengths.size() * CONTEXT);
    assertThat(after.size()).isEqualTo(wanted);
    int level = IntStream.range(0, after.rows()).map(after::length).min().orElseThrow();
    for (int row = 0; row < before.rows(); row++) {
      for (int i = 0; i < before.length(row); i++) {
        assertThat(after.tokens()[after.offsets()[row] + i])
            .isEqualTo(before.tokens()[before.offsets()[row] + i]);
      }
      if (after.length(row) > before.length(row)) {
        assertThat(after.length(row)).isBetween(level, level + 1);
      }
    }
    assertThat(filled.promptLengths()).isEqualTo(batch.promptLengths());
    assertThat(filled.targets().tokens()).isEqualTo(batch.targets().tokens());
    assertThat(preceding(filled)).isEqualTo(preceding(batch));
  }

  @Property
  void repeatsTheLastTarget(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 2, max = CONTEXT) Integer> lengths) {
    AnswerBatch batch = AnswerBatch.of(examples(lengths));
    AnswerBatch repeated = batch.repeated();
    int found = batch.targets().tokens().length;
    assertThat(repeated.targets().tokens()).hasSize(AnswerBatch.commonSize(found));
    for (int i = 0; i < repeated.targets().tokens().length; i++) {
      int of = Math.min(i, found - 1);
      assertThat(repeated.targets().tokens()[i]).isEqualTo(batch.targets().tokens()[of]);
      assertThat(repeated.targets().positions()[i]).isEqualTo(batch.targets().positions()[of]);
    }
  }

  @Property
  void commonSizesAreFew(@ForAll @IntRange(min = 1, max = 4096) int rows) {
    int size = AnswerBatch.commonSize(rows);
    assertThat(size).isGreaterThanOrEqualTo(rows);
    assertThat(AnswerBatch.commonSize(size)).isEqualTo(size);
    assertThat(size - rows).isLessThan(Math.max(8, rows / 4));
  }

  /** Examples whose tokens are all different. */
  private static List<EncodedExample> examples(List<Integer> lengths) {
    int[] next = {0};
    return lengths.stream()
        .map(
            length ->
                new EncodedExample(
                    IntStream.range(0, length).map(i -> next[0]++).toArray(), (length + 1) / 2))
        .toList();
  }

  private static int[] preceding(AnswerBatch batch) {
    return LongStream.of(batch.targets().positions())
        .mapToInt(position -> batch.tokens().tokens()[(int) position])
        .toArray();
  }
}
