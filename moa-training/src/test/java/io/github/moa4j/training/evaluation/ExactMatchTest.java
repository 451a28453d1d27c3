package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ExactMatchTest {

  @Test
  void comparesAllButWhiteSpaceAtTheEnd() {
    assertThat(ExactMatch.matches("ls -a", "ls -a \n")).isTrue();
    assertThat(ExactMatch.matches("ls -a\n", "ls -a")).isTrue();
    assertThat(ExactMatch.matches("ls -a", " ls -a")).isFalse();
    assertThat(ExactMatch.matches("ls -a", "LS -a")).isFalse();
    assertThat(ExactMatch.matches("ls -a", "ls  -a")).isFalse();
    assertThat(ExactMatch.matches("ls -a", "")).isFalse();
  }

  @Test
  void countsAnswers() {
    ExactMatch found = ExactMatch.NONE.plus("a", "a").plus("a", "b").plus("b", "b");
    assertThat(found).isEqualTo(new ExactMatch(2, 3));
    assertThat(found.plus(new ExactMatch(0, 1)).share()).isEqualTo(0.5, within(1e-12));
    assertThat(ExactMatch.NONE.share()).isNaN();
  }

  @Test
  void refusesMoreMatchesThanAnswers() {
    assertThatThrownBy(() -> new ExactMatch(2, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
