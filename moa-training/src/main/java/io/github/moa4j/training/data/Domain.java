package io.github.moa4j.training.data;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.training.personal.PersonalData;
import io.github.moa4j.training.personal.PersonalKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The examples of one domain. On disk a folder that bears the domain's name and holds {@code
 * train.jsonl} and, if there is one, {@code validation.jsonl}; see {@link ExampleFile}.
 *
 * @param name lower-case letters, digits, {@code _} and {@code -}
 * @param train the examples to learn from; at least one
 * @param validation the examples to measure on; empty if there are none
 * @param sources the files the examples came from; empty if they came from none
 * @param masked how much personal data of each kind was masked in the examples since they were read
 */
public record Domain(
    String name,
    List<Example> train,
    List<Example> validation,
    List<DataFile> sources,
    Map<PersonalKind, Integer> masked) {

  /** The file of a domain's folder that holds the examples to learn from. */
  static final String TRAIN = "train.jsonl";

  /** The file of a domain's folder that holds the examples to measure on. */
  static final String VALIDATION = "validation.jsonl";

  private static final Pattern NAME = Pattern.compile("[a-z0-9_-]+");

  /**
   * Checks the name and copies the lists.
   *
   * @throws DatasetException if the name is not valid or there is nothing to learn from
   */
  public Domain {
    if (!NAME.matcher(name).matches()) {
      throw new DatasetException(
          ("\"%s\" is not a valid name of a domain; expected lower-case letters, digits, _ and -,"
                  + " for example \"question-to-sql\"; rename the domain or its folder")
              .formatted(name));
    }
    if (train.isEmpty()) {
      throw new DatasetException(
          "Domain '%s' has no training examples; expected at least one".formatted(name));
    }
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    sources = List.copyOf(sources);
    masked = Map.copyOf(masked);
  }

  /** A domain in which nothing was masked. */
  public Domain(
      String name, List<Example> train, List<Example> validation, List<DataFile> sources) {
    this(name, train, validation, sources, Map.of());
  }

  /**
   * Reads a domain's folder.
   *
   * @throws DatasetException if a file is missing or not valid, or the folder's name is no valid
   *     name of a domain
   */
  public static Domain read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DatasetException(
          "%s: %s; expected the folder of a domain, with %s in it"
              .formatted(folder, Failure.noFolder(folder), TRAIN));
    }
    Path trainFile = folder.resolve(TRAIN);
    if (!Files.exists(trainFile)) {
      throw new DatasetException(
          "%s: has no %s; expected the folder of a domain, with %s and optionally %s in it"
              .formatted(folder, TRAIN, TRAIN, VALIDATION));
    }
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    ExampleFile train = ExampleFile.read(trainFile);
    List<DataFile> sources = new ArrayList<>(List.of(within(name, train.source())));
    List<Example> validation = List.of();
    Path validationFile = folder.resolve(VALIDATION);
    if (Files.exists(validationFile)) {
      ExampleFile file = ExampleFile.read(validationFile);
      validation = file.examples();
      sources.add(within(name, file.source()));
    }
    return new Domain(name, train.examples(), validation, sources);
  }

  /** Returns the domain with its first training examples only, or with all if it has no more. */
  public Domain firstTrainingExamples(int count) {
    return new Domain(
        name, train.subList(0, Math.min(count, train.size())), validation, sources, masked);
  }

  /**
   * Returns the domain with personal data replaced by its kind, such as {@code [EMAIL]}, in all
   * examples: messages, documents and answers. The sources stay those it was read from.
   */
  public Domain masked(PersonalData personal) {
    Map<PersonalKind, Integer> counts = new EnumMap<>(PersonalKind.class);
    counts.putAll(masked);
    for (List<Example> examples : List.of(train, validation)) {
      ExampleTexts.count(personal, examples)
          .forEach((kind, count) -> counts.merge(kind, count, Integer::sum));
    }
    return new Domain(name, masked(train, personal), masked(validation, personal), sources, counts);
  }

  private static List<Example> masked(List<Example> examples, PersonalData personal) {
    return examples.stream().map(example -> ExampleTexts.each(example, personal::mask)).toList();
  }

  /** Tells where a training example comes from, such as {@code sql/train.jsonl, line 17}. */
  public String nameOf(Example example) {
    int index = train.indexOf(example);
    if (index < 0) {
      return "A training example of domain '%s'".formatted(name);
    }
    // One line an example: only the end of a file may have blank lines.
    boolean known = !sources.isEmpty() && sources.get(0).examples() >= train.size();
    return known
        ? "%s, line %d".formatted(sources.get(0).name(), index + 1)
        : "Training example %d of domain '%s'".formatted(index + 1, name);
  }

  private static DataFile within(String folder, DataFile file) {
    return new DataFile(folder + "/" + file.name(), file.sha256(), file.bytes(), file.examples());
  }
}
