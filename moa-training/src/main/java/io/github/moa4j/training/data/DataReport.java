package io.github.moa4j.training.data;

import io.github.moa4j.training.personal.PersonalData;
import io.github.moa4j.training.personal.PersonalKind;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What to know of a domain's examples before training on them: how many there are, which stand
 * twice, which of those to measure on have been seen in training, and what personal data they hold.
 *
 * @param domain the domain's name
 * @param train number of examples to learn from
 * @param validation number of examples to measure on
 * @param withinTrain training examples that repeat an earlier one
 * @param withinValidation validation examples that repeat an earlier one
 * @param seenInTraining validation examples that repeat a training example; other lines are those
 *     of the training file
 * @param masked how much personal data of each kind was masked in the examples
 * @param personalInTrain how much personal data of each kind the training examples hold
 * @param personalInValidation how much the validation examples hold
 */
public record DataReport(
    String domain,
    int train,
    int validation,
    Duplicates withinTrain,
    Duplicates withinValidation,
    Duplicates seenInTraining,
    Map<PersonalKind, Integer> masked,
    Map<PersonalKind, Integer> personalInTrain,
    Map<PersonalKind, Integer> personalInValidation) {

  /** Copies the counts. */
  public DataReport {
    masked = Map.copyOf(masked);
    personalInTrain = Map.copyOf(personalInTrain);
    personalInValidation = Map.copyOf(personalInValidation);
  }

  /** Looks at a domain; finds phone numbers by their country's code only. */
  public static DataReport of(Domain domain) {
    return of(domain, PersonalData.international());
  }

  /** Looks at a domain. */
  public static DataReport of(Domain domain, PersonalData personal) {
    return new DataReport(
        domain.name(),
        domain.train().size(),
        domain.validation().size(),
        DuplicateCheck.within(domain.train()),
        DuplicateCheck.within(domain.validation()),
        DuplicateCheck.between(domain.train(), domain.validation()),
        domain.masked(),
        ExampleTexts.count(personal, domain.train()),
        ExampleTexts.count(personal, domain.validation()));
  }

  /**
   * Returns the report as text, lines ended by a newline: the counts and, line by line, what was
   * found, with the numbers of a few lines of the files.
   */
  @Override
  public String toString() {
    return "%s: %d training, %d validation examples\n".formatted(domain, train, validation)
        + withinTrain.report("training")
        + withinValidation.report("validation")
        + seenInTraining.report("validation in training")
        + text("masked", masked)
        + text("training", personalInTrain)
        + text("validation", personalInValidation);
  }

  private static String text(String place, Map<PersonalKind, Integer> personal) {
    String counts =
        personal.entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> "%d %s".formatted(entry.getValue(), entry.getKey().mask()))
            .collect(Collectors.joining(", "));
    return counts.isEmpty() ? "" : "  %s, personal data: %s\n".formatted(place, counts);
  }
}
