package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SelectionSplitTest {

  private final List<Example> examples =
      IntStream.range(0, 100).mapToObj(i -> Example.of("q" + i, "a" + i)).toList();

  @Test
  void partsHoldAllExamplesOnceInTheirOrder() {
    SelectionSplit split = SelectionSplit.of(examples, 20, 7);
    assertThat(split.selection()).hasSize(20).doesNotContainAnyElementsOf(split.train());
    assertThat(split.train()).hasSize(80);
    assertThat(examples).containsSubsequence(split.train()).containsSubsequence(split.selection());
  }

  @Test
  void sameSeedDrawsTheSameSliceAndAnotherSeedAnother() {
    assertThat(SelectionSplit.of(examples, 20, 7)).isEqualTo(SelectionSplit.of(examples, 20, 7));
    assertThat(SelectionSplit.of(examples, 20, 8)).isNotEqualTo(SelectionSplit.of(examples, 20, 7));
  }

  @Test
  void keepsExamplesOfOnePromptTogether() {
    List<Example> twins =
        IntStream.range(0, 100).mapToObj(i -> Example.of("q" + i / 2, "a" + i)).toList();
    SelectionSplit split = SelectionSplit.of(twins, 20, 7);
    assertThat(split.selection())
        .extracting(Example::prompt)
        .doesNotContainAnyElementsOf(split.train().stream().map(Example::prompt).toList());
    assertThat(split.selection()).hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void givesNothingAwayWhenNothingIsWanted() {
    assertThat(SelectionSplit.of(examples, 0, 7).train()).isEqualTo(examples);
  }

  @Test
  void refusesSlicesThatLeaveNothingToLearnFrom() {
    assertThatThrownBy(() -> SelectionSplit.of(examples, 100, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot take 100 of 100");
    List<Example> same = List.of(Example.of("q", "a"), Example.of("q", "b"));
    assertThatThrownBy(() -> SelectionSplit.of(same, 1, 7))
        .hasMessageContaining("all have the same prompt");
  }

  @Test
  void leavesAPromptToLearnFromHoweverFewThereAre() {
    List<Example> two =
        IntStream.range(0, 50).mapToObj(i -> Example.of("q" + i % 2, "a" + i)).toList();
    SelectionSplit split = SelectionSplit.of(two, 5, 7);
    assertThat(split.train()).extracting(Example::question).hasSize(25).containsOnly("q0");
    assertThat(split.selection()).extracting(Example::question).hasSize(25).containsOnly("q1");
  }
}
