package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AnswerKindTest {

  @Test
  void tellsLabels() {
    List<String> answers = new ArrayList<>(Collections.nCopies(12, "A"));
    answers.addAll(Collections.nCopies(12, "B"));
    assertThat(AnswerKind.of(answers)).isEqualTo(AnswerKind.LABEL);
    assertThat(AnswerKind.of(List.of("A", "B", "A"))).isEqualTo(AnswerKind.SHORT);
  }

  @Test
  void tellsNumbers() {
    assertThat(AnswerKind.of(List.of("9.7 million", "5.46 percent", "John Capogrossi", "2018")))
        .isEqualTo(AnswerKind.NUMBER);
  }

  @Test
  void tellsNumbersAtTheEndOfSteps() {
    assertThat(
            AnswerKind.of(
                List.of(
                    "She earned $15 * 7 = $105.\nThe answer is 105",
                    "2 + 2 = 4.\n4 * 3 = 12.\nThe answer is 12")))
        .isEqualTo(AnswerKind.WORKED_NUMBER);
    assertThat(
            AnswerKind.of(
                List.of("def one(x, y, z):\n  return x + 1", "def two(x, y, z):\n  x[0] = 3")))
        .isEqualTo(AnswerKind.TEXT);
  }

  @Test
  void tellsShortAnswersFromTexts() {
    assertThat(AnswerKind.of(List.of("git push", "ls -a", "tar -x -f a b c d e")))
        .isEqualTo(AnswerKind.SHORT);
    assertThat(AnswerKind.of(List.of("The rectum is the lower part of it.")))
        .isEqualTo(AnswerKind.TEXT);
  }

  @Test
  void refusesToTellFromNothing() {
    assertThatThrownBy(() -> AnswerKind.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void numbersOfEqualValueAreTheSameAnswer() {
    assertThat(number("$1,200", "1200")).isTrue();
    assertThat(number("42", "42.0")).isTrue();
    assertThat(number("9.7 million", "9,700 thousand")).isTrue();
    assertThat(number("27%", "27.0 percent")).isTrue();
    assertThat(number("(1,164)", "-1164")).isTrue();
    assertThat(number("-$5", "$-5.00")).isTrue();
    assertThat(number(".5", "0.50.")).isTrue();
  }

  @Test
  void numbersOfOtherValueOrUnitAreNot() {
    assertThat(number("9.7 million", "9.7")).isFalse();
    assertThat(number("27%", "27")).isFalse();
    assertThat(number("5", "-5")).isFalse();
    assertThat(number("2018", "2018, 2019")).isFalse();
    assertThat(number("5", "about 5")).isFalse();
    assertThat(number("(5", "-5")).isFalse();
  }

  @Test
  void answersThatAreNoNumberAreComparedAsText() {
    assertThat(number("2018, 2019", "2018, 2019\n")).isTrue();
    assertThat(number("John Capogrossi", "John")).isFalse();
  }

  @Test
  void onlyTheNumberAtTheEndOfStepsCounts() {
    String expected = "7 * $15 = $105.\nThe answer is 1105";
    assertThat(AnswerKind.WORKED_NUMBER.matches(expected, "So it is 1,105.")).isTrue();
    assertThat(AnswerKind.WORKED_NUMBER.matches(expected, "1105 = x\nThe answer is 5")).isFalse();
    assertThat(AnswerKind.WORKED_NUMBER.matches(expected, "The answer is")).isFalse();
  }

  @Test
  void scoresEveryMeasureAndNamesTheOneThatCounts() {
    AnswerScores numbers =
        AnswerScores.none(AnswerKind.NUMBER).plus("$1,200", "1200").plus("5", "6");
    assertThat(numbers.value()).isEqualTo(0.5, within(1e-12));
    assertThat(numbers.exactMatch().share()).isZero();
    AnswerScores commands = AnswerScores.none(AnswerKind.SHORT).plus("git push", "git pull");
    assertThat(commands.value()).isEqualTo(0.5, within(1e-12));
    assertThat(commands.accuracy().share()).isZero();
    assertThat(AnswerScores.none(AnswerKind.TEXT).value()).isNaN();
  }

  private static boolean number(String expected, String answer) {
    return AnswerKind.NUMBER.matches(expected, answer);
  }
}
