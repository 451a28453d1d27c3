package io.github.moa4j.training.data;

import io.github.moa4j.training.data.Duplicates.Pair;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What to know of a domain's examples before training on them: how many there are, which stand
 * twice, and which of those to measure on have been seen in training.
 *
 * @param domain the domain's name
 * @param train number of examples to learn from
 * @param validation number of examples to measure on
 * @param withinTrain training examples that repeat an earlier one
 * @param withinValidation validation examples that repeat an earlier one
 * @param seenInTraining validation examples that repeat a training example; other lines are those
 *     of the training file
 */
public record DataReport(
    String domain,
    int train,
    int validation,
    Duplicates withinTrain,
    Duplicates withinValidation,
    Duplicates seenInTraining) {

  private static final int LINES_SHOWN = 3;

  /** Looks at a domain. */
  public static DataReport of(Domain domain) {
    return new DataReport(
        domain.name(),
        domain.train().size(),
        domain.validation().size(),
        DuplicateCheck.within(domain.train()),
        DuplicateCheck.within(domain.validation()),
        DuplicateCheck.between(domain.train(), domain.validation()));
  }

  /**
   * Returns the report as text, lines ended by a newline: the counts and, line by line, what was
   * found, with the numbers of a few lines of the files.
   */
  @Override
  public String toString() {
    return "%s: %d training, %d validation examples\n".formatted(domain, train, validation)
        + text("training", withinTrain)
        + text("validation", withinValidation)
        + text("validation in training", seenInTraining);
  }

  private static String text(String place, Duplicates found) {
    return line(place, "same prompt and answer", found.examples())
        + line(place, "same prompt, other answer", found.prompts())
        + line(place, "nearly the same prompt", found.nearPrompts())
        + line(place, "same context", found.contexts());
  }

  private static String line(String place, String what, List<Pair> pairs) {
    if (pairs.isEmpty()) {
      return "";
    }
    String lines =
        pairs.stream()
            .limit(LINES_SHOWN)
            .map(pair -> "%d as %d".formatted(pair.line(), pair.otherLine()))
            .collect(Collectors.joining(", ", "lines ", pairs.size() > LINES_SHOWN ? ", …" : ""));
    return String.format(Locale.ROOT, "  %s, %s: %d (%s)\n", place, what, pairs.size(), lines);
  }
}
