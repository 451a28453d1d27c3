package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected values are sacreBLEU's; each test names the place where it states them. */
final class BleuTest {

  private static final List<String> ANSWERS =
      List.of("The dog bit the man.", "It wasn't surprising.", "The man had just bitten him.");
  private static final List<String> FIRST_REFERENCES =
      List.of("The dog bit the man.", "It was not unexpected.", "The man bit him first.");
  private static final List<String> SECOND_REFERENCES =
      List.of("The dog had bit the man.", "No one was surprised.", "The man had bitten the dog.");

  /**
   * sacreBLEU's README, "Using SacreBLEU from Python": BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943
   * ratio = 0.944 hyp_len = 17 ref_len = 18); all digits in its test/test_bleu.py,
   * test_corpus_bleu.
   */
  @Test
  void agreesWithTheExampleOfTwoReferences() {
    Bleu bleu = Bleu.NONE;
    for (int i = 0; i < 3; i++) {
      bleu = bleu.plus(List.of(FIRST_REFERENCES.get(i), SECOND_REFERENCES.get(i)), ANSWERS.get(i));
    }
    assertThat(bleu.score()).isEqualTo(48.530827, within(1e-6));
    assertThat(bleu.precisions())
        .containsExactly(new double[] {0.824, 0.5, 0.455, 0.375}, within(5e-4));
    assertThat(bleu.brevityPenalty()).isEqualTo(0.943, within(5e-4));
    assertThat(bleu.answerLength()).isEqualTo(17);
    assertThat(bleu.referenceLength()).isEqualTo(18);
  }

  /**
   * sacreBLEU's README, "Variable Number of References": BLEU = 29.44 82.4/42.9/27.3/12.5 (BP =
   * 0.889 ratio = 0.895 hyp_len = 17 ref_len = 19).
   */
  @Test
  void agreesWithTheExampleOfSomeReferencesMissing() {
    Bleu bleu = Bleu.NONE.plus(SECOND_REFERENCES.get(0), ANSWERS.get(0));
    for (int i = 1; i < 3; i++) {
      bleu = bleu.plus(List.of(FIRST_REFERENCES.get(i), SECOND_REFERENCES.get(i)), ANSWERS.get(i));
    }
    assertThat(bleu.score()).isEqualTo(29.44, within(5e-3));
    assertThat(bleu.precisions())
        .containsExactly(new double[] {0.824, 0.429, 0.273, 0.125}, within(5e-4));
    assertThat(bleu.brevityPenalty()).isEqualTo(0.889, within(5e-4));
    assertThat(bleu.referenceLength()).isEqualTo(19);
  }

  /** sacreBLEU's test/test_sentence_bleu.py, exponential smoothing and tokenizer 13a: 8.493. */
  @Test
  void smoothsOrdersWithoutAMatch() {
    Bleu bleu =
        Bleu.NONE.plus(
            "producţia de zahăr brut se exprimă în zahăr alb;",
            "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;");
    assertThat(bleu.matches()).endsWith(0L, 0L);
    assertThat(bleu.score()).isEqualTo(8.493, within(1e-3));
  }

  /** sacreBLEU's test/test_bleu.py, test_statistics. */
  @Test
  void countsMatchesAtMostAsOftenAsTheReferenceHasThem() {
    Bleu bleu = Bleu.NONE.plus("I am a symbol string sequence a a", "am I am a character sequence");
    assertThat(bleu.matches()).containsExactly(4L, 2L, 1L, 0L);
    assertThat(bleu.totals()).containsExactly(6L, 5L, 4L, 3L);
  }

  /** sacreBLEU's test/test_bleu.py, test_scoring. */
  @Test
  void scoresCounts() {
    Bleu bleu = new Bleu(1, 11, 11, List.of(9L, 7L, 5L, 3L), List.of(10L, 8L, 6L, 4L));
    assertThat(bleu.score()).isEqualTo(83.75922397, within(1e-6));
  }

  /**
   * sacreBLEU's test/test_bleu.py: empty answers in test_corpus_bleu, nothing shared in
   * test_raw_bleu; "okay thanks" in its test/test_sentence_bleu.py.
   */
  @Test
  void isZeroWhereNoWordMatches() {
    assertThat(Bleu.NONE.plus("The dog bit the man.", "").score()).isZero();
    assertThat(Bleu.NONE.plus("ref1", "this is a test").plus("ref2", "another test").score())
        .isZero();
    assertThat(Bleu.NONE.plus("okay thanks", "this is a cat").score()).isZero();
    assertThat(new Bleu(1, 0, 0, List.of(0L, 0L, 0L, 0L), List.of(0L, 0L, 0L, 0L)).score())
        .isZero();
  }

  /**
   * sacreBLEU 2.6.0, {@code BLEU().corpus_score}, run on these texts: what its published examples
   * lack, such as code, numbers and answers too long.
   */
  @Test
  void agreesOnCodeNumbersAndSymbols() {
    Bleu bleu =
        Bleu.NONE
            .plus("SELECT T.A FROM T WHERE x >= 7.77 ;", "SELECT T.A FROM T WHERE y >= 7.77 ;")
            .plus("9.7 million", "$9.7 million (2019)")
            .plus("def f(a):\n  return a[0]*2", "def f(b):\n  return b[0]**2")
            .plus("grep -v '^#' x.txt", "grep -v '#' ~/x.txt | wc -l");
    assertThat(bleu.matches()).containsExactly(32L, 23L, 13L, 6L);
    assertThat(bleu.score()).isEqualTo(39.954444384437075, within(1e-9));
  }

  /** Worked by hand from the definition: no run of four words exists, so no order of four. */
  @Test
  void isZeroWhereEveryAnswerIsShorterThanFourWords() {
    assertThat(Bleu.NONE.plus("B", "B").score()).isZero();
  }

  @Test
  void heedsTheCaseOfLetters() {
    assertThat(Bleu.NONE.plus("a b c d", "A B C D").score()).isZero();
  }

  @Test
  void hasNoScoreWithoutAnswers() {
    assertThat(Bleu.NONE.score()).isNaN();
  }

  @Test
  void refusesMoreMatchesThanRuns() {
    assertThatThrownBy(() -> new Bleu(1, 4, 4, List.of(5L, 0L, 0L, 0L), List.of(4L, 3L, 2L, 1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 of 4 runs of 1 words");
    assertThatThrownBy(() -> new Bleu(1, 4, 4, List.of(1L), List.of(1L)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Bleu.NONE.plus(List.of(), "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
