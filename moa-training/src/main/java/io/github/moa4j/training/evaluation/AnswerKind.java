package io.github.moa4j.training.evaluation;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a domain's answers are, and so which measure says how good an answer is. {@link
 * #of(Collection)} decides it from the reference answers alone, by the first rule that holds:
 *
 * <ol>
 *   <li>{@link #LABEL}: no answer has more than {@value #LABEL_WORDS} words, and there are at most
 *       {@value #LABELS} different ones, each {@value #LABEL_USES} times in the mean or more;
 *   <li>{@link #NUMBER}: at least half of the answers are a number and nothing else;
 *   <li>{@link #WORKED_NUMBER}: at least nine in ten end in a number after the same words at the
 *       start of their last line, as in {@code The answer is 110}, behind other lines;
 *   <li>{@link #SHORT}: the median answer has at most {@value #SHORT_WORDS} words;
 *   <li>{@link #TEXT}: everything else.
 * </ol>
 */
public enum AnswerKind {

  /** One of a few labels: accuracy. */
  LABEL,

  /** A number, in most answers: accuracy, where numbers of equal value are equal. */
  NUMBER,

  /** Steps and a number at their end: accuracy of that number, ROUGE-L and BLEU of the whole. */
  WORKED_NUMBER,

  /** A name, a command, a few words: exact match, and ROUGE-L for what is right in part. */
  SHORT,

  /** Running text or code: ROUGE-L and BLEU. */
  TEXT;

  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
  private static final int LABEL_WORDS = 3;
  private static final int LABELS = 20;
  private static final int LABEL_USES = 10;
  private static final int SHORT_WORDS = 5;

  /**
   * Decides the kind of a domain's answers.
   *
   * @param answers reference answers, best all of the training data; at least one
   */
  public static AnswerKind of(Collection<String> answers) {
    if (answers.isEmpty()) {
      throw new IllegalArgumentException(
          "No answers to tell the kind of; expected the reference answers of a domain");
    }
    int[] words = answers.stream().mapToInt(AnswerKind::words).sorted().toArray();
    long different = answers.stream().map(String::strip).distinct().count();
    if (words[words.length - 1] <= LABEL_WORDS
        && different <= LABELS
        && different * LABEL_USES <= answers.size()) {
      return LABEL;
    }
    long numbers = answers.stream().filter(answer -> Quantity.parse(answer).isPresent()).count();
    if (2 * numbers >= answers.size()) {
      return NUMBER;
    }
    if (endInNumbers(answers)) {
      return WORKED_NUMBER;
    }
    return words[(words.length - 1) / 2] <= SHORT_WORDS ? SHORT : TEXT;
  }

  /**
   * Tells whether answers are right or wrong as a whole, so that {@link #matches} measures them.
   */
  public boolean usesAccuracy() {
    return this != TEXT;
  }

  /** Tells whether answers can be right in part, so that ROUGE-L measures them. */
  public boolean usesRougeL() {
    return this == SHORT || usesBleu();
  }

  /** Tells whether answers are texts of some length, so that BLEU measures them. */
  public boolean usesBleu() {
    return this == WORKED_NUMBER || this == TEXT;
  }

  /**
   * Tells whether an answer is right: the same number for {@link #NUMBER}, the same number at the
   * end for {@link #WORKED_NUMBER}, and for all others, as for references that are no number, the
   * same text as {@link ExactMatch} compares it.
   */
  public boolean matches(String expected, String answer) {
    return switch (this) {
      case NUMBER -> sameNumber(expected, answer);
      case WORKED_NUMBER -> sameNumber(conclusion(expected), conclusion(answer));
      case LABEL, SHORT, TEXT -> ExactMatch.matches(expected, answer);
    };
  }

  private static boolean sameNumber(String expected, String answer) {
    Optional<Quantity> number = Quantity.parse(expected);
    return number.isPresent()
        ? number.equals(Quantity.parse(answer))
        : ExactMatch.matches(expected, answer);
  }

  /** The number that ends a text, else its last line. */
  private static String conclusion(String answer) {
    String line = lastLine(answer);
    int start = Quantity.startOfLast(line);
    return start < 0 ? line : line.substring(start);
  }

  private static boolean endInNumbers(Collection<String> answers) {
    Map<String, Long> openings =
        answers.stream()
            .filter(answer -> answer.strip().indexOf('\n') >= 0)
            .map(AnswerKind::lastLine)
            .filter(line -> Quantity.startOfLast(line) > 0)
            .map(line -> line.substring(0, Quantity.startOfLast(line)))
            .filter(opening -> !opening.isBlank())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    long most = openings.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return most >= 0.9 * answers.size();
  }

  private static String lastLine(String text) {
    String stripped = text.strip();
    return stripped.substring(stripped.lastIndexOf('\n') + 1);
  }

  private static int words(String text) {
    return (int) WHITE_SPACE.splitAsStream(text.strip()).count();
  }
}
