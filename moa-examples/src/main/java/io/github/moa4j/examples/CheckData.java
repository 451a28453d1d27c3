package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.training.data.DataReport;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.DuplicateCheck;
import io.github.moa4j.training.data.ExampleFile;
import io.github.moa4j.training.personal.PersonalData;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at training data before anything is trained on it, and writes it with masks. */
@Command(
    name = "CheckData",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Tells of every domain which examples stand twice, which of those to measure on have been"
            + " seen in training, what other domains repeat, and how much personal data there is.")
public final class CheckData implements Callable<Integer> {

  @Option(
      names = "--data",
      required = true,
      description = "A folder of domains: a folder each, with train.jsonl and validation.jsonl.")
  private Path data;

  @Option(
      names = "--evaluation",
      paramLabel = "FILE",
      description =
          "Further examples to measure on, JSON Lines; may be given several times. Default: none.")
  private List<Path> evaluation = List.of();

  @Option(
      names = "--phones",
      paramLabel = "COUNTRY",
      split = ",",
      description =
          "Find phone numbers without a country's code as well, of these: DE, US. Default: none.")
  private Set<String> phones = Set.of();

  @Option(
      names = "--masked",
      paramLabel = "FOLDER",
      description = "Write all domains there, with personal data masked. Default: write nothing.")
  private Optional<Path> masked = Optional.empty();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new CheckData(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PersonalData personal = Commands.valid(() -> new PersonalData(phones));
    List<Domain> domains = Domains.read(data);
    masked.ifPresent(this::requireElsewhere);
    List<ExampleFile> measured = evaluation.stream().map(ExampleFile::read).toList();
    for (Domain domain : domains) {
      out.print(DataReport.of(domain, personal));
      for (ExampleFile file : measured) {
        out.print(
            DuplicateCheck.between(domain.train(), file.examples())
                .report(file.source().name() + " in training"));
      }
      for (Domain other : domains.subList(0, domains.indexOf(domain))) {
        out.print(
            DuplicateCheck.between(other.train(), domain.train())
                .report("training in training of " + other.name()));
      }
      out.flush();
    }
    masked.ifPresent(
        folder -> {
          Domains.write(folder, domains.stream().map(domain -> domain.masked(personal)).toList());
          out.printf("Masked: %s%n", folder);
        });
    return 0;
  }

  /** What is masked cannot be had back. */
  private void requireElsewhere(Path folder) {
    try {
      if (Files.exists(folder) && Files.isSameFile(folder, data)) {
        throw new MoaException(
            "--masked names the data's own folder, "
                + folder
                + ", and would replace the originals:"
                + " name another.");
      }
    } catch (IOException e) {
      throw new MoaException("Cannot read " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }
}
