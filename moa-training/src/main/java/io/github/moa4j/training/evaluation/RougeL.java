package io.github.moa4j.training.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ROUGE-L (Lin, 2004): the longest sequence of words that an answer and its reference share in
 * order, not necessarily side by side, as share of the answer's words (precision), of the
 * reference's (recall) and as harmonic mean of both. Scores of answers are averaged.
 *
 * <p>The numbers are those of Google's {@code rouge-score} for {@code rougeL}: a line break is a
 * space, a word is a run of the letters a to z and digits after lowering the case, all other
 * characters separate words. So it says little of text in other alphabets. English words are
 * compared as they stand or, with {@link #plusStemmed}, by their stems.
 *
 * @param precisionSum sum of the answers' precisions, each 0 to 1
 * @param recallSum sum of the answers' recalls, each 0 to 1
 * @param fMeasureSum sum of the answers' F-measures, each 0 to 1
 * @param answers number of answers
 */
public record RougeL(double precisionSum, double recallSum, double fMeasureSum, long answers) {

  /** No answer yet. */
  public static final RougeL NONE = new RougeL(0, 0, 0, 0);

  private static final Pattern WORD = Pattern.compile("[a-z0-9]+");

  /** Checks the sums. */
  public RougeL {
    for (double sum : new double[] {precisionSum, recallSum, fMeasureSum}) {
      if (!(sum >= 0 && sum <= answers * (1 + 1e-9))) {
        throw new IllegalArgumentException(
            "Scores of %d answers sum to %s".formatted(answers, sum));
      }
    }
  }

  /** Returns the sums with one more answer. */
  public RougeL plus(String expected, String answer) {
    return plus(of(words(expected), words(answer)));
  }

  /**
   * Returns the sums with one more answer whose words of more than three letters are compared by
   * their stems, as {@code rouge-score} does with {@code use_stemmer=True}.
   */
  public RougeL plusStemmed(String expected, String answer) {
    return plus(of(stems(words(expected)), stems(words(answer))));
  }

  /** Returns the sums of both together. */
  public RougeL plus(RougeL other) {
    return new RougeL(
        precisionSum + other.precisionSum,
        recallSum + other.recallSum,
        fMeasureSum + other.fMeasureSum,
        answers + other.answers);
  }

  /** Returns the mean share of an answer's words that are shared, 0 to 1; NaN of no answer. */
  public double precision() {
    return precisionSum / answers;
  }

  /** Returns the mean share of a reference's words that are shared, 0 to 1; NaN of no answer. */
  public double recall() {
    return recallSum / answers;
  }

  /** Returns the mean F-measure, 0 to 1, usually called the ROUGE-L; NaN of no answer. */
  public double fMeasure() {
    return fMeasureSum / answers;
  }

  private static RougeL of(List<String> expected, List<String> answer) {
    int shared = longestCommonSubsequence(expected, answer);
    if (shared == 0) {
      return new RougeL(0, 0, 0, 1);
    }
    double precision = (double) shared / answer.size();
    double recall = (double) shared / expected.size();
    return new RougeL(precision, recall, 2 * precision * recall / (precision + recall), 1);
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  private static List<String> stems(List<String> words) {
    return words.stream().map(word -> word.length() > 3 ? PorterStemmer.stem(word) : word).toList();
  }

  private static int longestCommonSubsequence(List<String> left, List<String> right) {
    int[] above = new int[right.size() + 1];
    int[] lengths = new int[right.size() + 1];
    for (String word : left) {
      for (int j = 0; j < right.size(); j++) {
        lengths[j + 1] =
            word.equals(right.get(j)) ? above[j] + 1 : Math.max(above[j + 1], lengths[j]);
      }
      int[] swap = above;
      above = lengths;
      lengths = swap;
    }
    return above[right.size()];
  }
}
