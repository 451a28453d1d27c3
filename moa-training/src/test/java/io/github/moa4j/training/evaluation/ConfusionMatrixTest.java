package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfusionMatrixTest {

  @Test
  void countsDecisions() {
    ConfusionMatrix matrix = example();
    assertThat(matrix.count("sql", "cron")).isEqualTo(1);
    assertThat(matrix.count("cron", "sql")).isZero();
    assertThat(matrix.total("sql")).isEqualTo(4);
    assertThat(matrix.recall("sql")).isEqualTo(0.5, within(1e-12));
    assertThat(matrix.accuracy()).isEqualTo(0.6, within(1e-12));
    assertThat(matrix.recall("shell")).isNaN();
  }

  @Test
  void labelsOnlyEverChosenHaveAColumnAndNoRow() {
    assertThat(example().expectedLabels()).containsExactly("cron", "sql", "shell");
    assertThat(example().chosenLabels()).containsExactly("cron", "sql", "shell", "base");
  }

  @Test
  void printsATable() {
    assertThat(example())
        .hasToString(
            """
            expected \\ chosen  cron  sql  shell  base  recall
            cron                  1    .      .     .  100.0%
            sql                   1    2      .     1   50.0%
            shell                 .    .      .     .       -
            """);
  }

  @Test
  void hasNoAccuracyWithoutDecisions() {
    assertThat(new ConfusionMatrix(List.of("sql")).accuracy()).isNaN();
  }

  private static ConfusionMatrix example() {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of("cron", "sql", "shell"));
    matrix.add("cron", "cron");
    matrix.add("sql", "sql");
    matrix.add("sql", "sql");
    matrix.add("sql", "cron");
    matrix.add("sql", "base");
    return matrix;
  }
}
