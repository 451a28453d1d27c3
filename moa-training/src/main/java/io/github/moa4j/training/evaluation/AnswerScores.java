package io.github.moa4j.training.evaluation;

/**
 * Every measure of how good a domain's answers are. All are counted for every kind of answer; which
 * of them say something is the kind's to tell.
 *
 * @param kind what the answers are
 * @param accuracy share of right answers, as {@link AnswerKind#matches} compares them
 * @param exactMatch share of answers that are the reference to the letter
 * @param rougeL words shared in order
 * @param bleu runs of words shared
 */
public record AnswerScores(
    AnswerKind kind, ExactMatch accuracy, ExactMatch exactMatch, RougeL rougeL, Bleu bleu) {

  /** Returns the scores of no answer yet. */
  public static AnswerScores none(AnswerKind kind) {
    return new AnswerScores(kind, ExactMatch.NONE, ExactMatch.NONE, RougeL.NONE, Bleu.NONE);
  }

  /** Returns the scores with one more answer. */
  public AnswerScores plus(String expected, String answer) {
    boolean right = kind.matches(expected, answer);
    return new AnswerScores(
        kind,
        accuracy.plus(new ExactMatch(right ? 1 : 0, 1)),
        exactMatch.plus(expected, answer),
        rougeL.plus(expected, answer),
        bleu.plus(expected, answer));
  }

  /**
   * Returns the one number, 0 to 1, that stands for the domain in a table: accuracy of labels and
   * numbers, ROUGE-L of all others; NaN of no answer.
   */
  public double value() {
    return kind.usesRougeL() ? rougeL.fMeasure() : accuracy.share();
  }
}
