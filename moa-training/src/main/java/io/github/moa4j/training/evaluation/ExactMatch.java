package io.github.moa4j.training.evaluation;

/**
 * Share of answers that are exactly the expected ones. White space at the end of either is not
 * compared: models and files end lines differently, and no reader sees it; all else is, white space
 * at the start and the case of letters included.
 *
 * @param matches number of answers that matched
 * @param total number of answers compared
 */
public record ExactMatch(long matches, long total) {

  /** No answer yet. */
  public static final ExactMatch NONE = new ExactMatch(0, 0);

  /** Checks the counts. */
  public ExactMatch {
    if (matches < 0 || matches > total) {
      throw new IllegalArgumentException("%d matches of %d answers".formatted(matches, total));
    }
  }

  /** Tells whether an answer is the expected one. */
  public static boolean matches(String expected, String answer) {
    return expected.stripTrailing().equals(answer.stripTrailing());
  }

  /** Returns the counts with one more answer. */
  public ExactMatch plus(String expected, String answer) {
    return new ExactMatch(matches + (matches(expected, answer) ? 1 : 0), total + 1);
  }

  /** Returns the counts of both together. */
  public ExactMatch plus(ExactMatch other) {
    return new ExactMatch(matches + other.matches, total + other.total);
  }

  /** Returns the share of matches, 0 to 1; NaN if nothing was compared. */
  public double share() {
    return (double) matches / total;
  }
}
