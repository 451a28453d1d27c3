package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/**
 * Expected values are those of {@code rouge-score} (google-research/google-research, folder rouge);
 * each test names the test of {@code rouge_scorer_test.py} that states them.
 */
final class RougeLTest {

  /** testdata/target.txt and prediction.txt. */
  private static final String FIRST_TARGET =
      "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing"
          + " Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L";

  private static final String FIRST_PREDICTION =
      "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi";
  private static final String SECOND_TARGET =
      "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing"
          + " sbKao Q m qiing LMmer HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing"
          + " tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion gMPfJpwGw p'NvxAoping"
          + " eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN";
  private static final String SECOND_PREDICTION =
      "nn cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed"
          + " HqqLFXe,XPY,J XsurkMeo ,ed nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion"
          + " UCAPwNHeYVjD";

  /** testRougeLConsecutive. */
  @Test
  void countsWordsSideBySide() {
    assertScores(RougeL.NONE.plus("testing one two", "testing one"), 1, 2.0 / 3, 4.0 / 5, 1e-12);
  }

  /** testRougeLNonConsecutive. */
  @Test
  void countsWordsInOrderThatStandApart() {
    assertScores(RougeL.NONE.plus("testing one two", "testing two"), 1, 2.0 / 3, 4.0 / 5, 1e-12);
  }

  /** testRougeEmpty, and the empty and wordless cases of testRougeLsum. */
  @Test
  void isZeroWithoutWords() {
    assertScores(RougeL.NONE.plus("testing one two", ""), 0, 0, 0, 0);
    assertScores(RougeL.NONE.plus("", "w1"), 0, 0, 0, 0);
    assertScores(RougeL.NONE.plus("w1 w2 w3 w4 w5", "/"), 0, 0, 0, 0);
  }

  /** testRougeLAgainstRouge155: the first lines of testdata/target.txt and prediction.txt. */
  @Test
  void agreesWithRouge155OnTheFirstText() {
    RougeL found = RougeL.NONE.plus(FIRST_TARGET, FIRST_PREDICTION);
    assertScores(found, 0.68750, 0.40741, 0.51163, 5e-6);
  }

  /** testRougeLAgainstRouge155: the second lines of testdata/target.txt and prediction.txt. */
  @Test
  void agreesWithRouge155OnTheSecondText() {
    RougeL found = RougeL.NONE.plus(SECOND_TARGET, SECOND_PREDICTION);
    assertScores(found, 0.65385, 0.40476, 0.50000, 5e-6);
  }

  /**
   * testRouge1AgainstRouge155WithStemming states these for ROUGE-1 of the same texts; the words
   * they share stand in one order, so ROUGE-L is the same.
   */
  @Test
  void agreesWithRouge155OnStems() {
    assertScores(
        RougeL.NONE.plusStemmed(FIRST_TARGET, FIRST_PREDICTION), 0.68750, 0.40741, 0.51163, 5e-6);
    assertScores(
        RougeL.NONE.plusStemmed(SECOND_TARGET, SECOND_PREDICTION), 0.69231, 0.42857, 0.52941, 5e-6);
  }

  /** tokenize_test.py: lower case, and a line break is a space. */
  @Test
  void ignoresCaseLineBreaksAndPunctuation() {
    assertScores(RougeL.NONE.plus("one\n Two \nthree", "one two, THREE!"), 1, 1, 1, 1e-12);
  }

  @Test
  void averagesTheScoresOfAnswers() {
    RougeL found = RougeL.NONE.plus("a b", "a b").plus("a b", "c");
    assertThat(found.fMeasure()).isEqualTo(0.5, within(1e-12));
    assertThat(found.plus(found).fMeasure()).isEqualTo(0.5, within(1e-12));
    assertThat(found.plus(found).answers()).isEqualTo(4);
  }

  @Test
  void hasNoScoreWithoutAnswers() {
    assertThat(RougeL.NONE.fMeasure()).isNaN();
  }

  @Test
  void refusesScoresAboveOne() {
    assertThatThrownBy(() -> new RougeL(2, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RougeL(Double.NaN, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertScores(
      RougeL found, double precision, double recall, double fMeasure, double tolerance) {
    assertThat(found.precision()).isEqualTo(precision, within(tolerance));
    assertThat(found.recall()).isEqualTo(recall, within(tolerance));
    assertThat(found.fMeasure()).isEqualTo(fMeasure, within(tolerance));
  }
}
