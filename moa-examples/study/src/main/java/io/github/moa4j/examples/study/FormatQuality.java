package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.quality.FormatPerplexities;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what the weights' formats cost in quality. */
@Command(
    name = "FormatQuality",
    mixinStandardHelpOptions = true,
    description = {
      "Trains an adapter of rank 16 for each domain on the base in each format, and prints the"
          + " perplexity of held-out answers: of the base alone, of the adapters trained on the"
          + " first format, and of those trained on the same format."
    })
public final class FormatQuality implements Callable<Integer> {

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(
      names = "--data",
      required = true,
      description = "A folder with a folder a domain, each with train.jsonl and validation.jsonl.")
  private Path data;

  @Option(
      names = "--formats",
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = "BF16,INT8,INT4",
      description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private List<WeightFormat> formats;

  @Option(
      names = "--train-examples",
      defaultValue = "500",
      description = "Examples that an adapter learns from (default: ${DEFAULT-VALUE}).")
  private int trainingExamples;

  @Option(
      names = "--epochs",
      defaultValue = "2",
      description = "Times that it learns from each (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--examples",
      defaultValue = "100",
      description = "Held-out examples of a domain that are measured (default: ${DEFAULT-VALUE}).")
  private int examples;

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Runs the program; exit code 1 if it fails, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new FormatQuality(), args));
  }

  @Override
  public Integer call() throws IOException {
    if (base.directory().isPresent()) {
      return measure(base.directory().get());
    }
    try (TemporaryFolder temporary = TemporaryFolder.create("quality")) {
      return measure(EmbeddedBase.extractTo(temporary.path()));
    }
  }

  private int measure(Path directory) {
    List<Domain> domains =
        Domains.read(data).stream()
            .map(
                domain ->
                    new Domain(
                        domain.name(),
                        domain.train(),
                        domain
                            .validation()
                            .subList(0, Math.min(examples, domain.validation().size())),
                        domain.sources()))
            .toList();
    new FormatPerplexities(
            directory, formats, domains, trainingExamples, epochs, spec.commandLine().getOut())
        .measure();
    return 0;
  }
}
