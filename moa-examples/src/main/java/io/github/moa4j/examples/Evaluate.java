package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.EncryptionArgument;
import io.github.moa4j.examples.arguments.OutputPath;
import io.github.moa4j.examples.arguments.PrecisionArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.measurement.AnsweringAdapters;
import io.github.moa4j.examples.measurement.DomainEvaluation;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.evaluation.Evaluator;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a mixture, a base, or a base with one adapter on the examples of domains. */
@Command(
    name = "Evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures perplexity, exact match and routing accuracy on each domain's validation.jsonl,"
            + " or train.jsonl where there is none.")
public final class Evaluate implements Callable<Integer> {

  private static final int MAX_PROMPT_TOKENS = 384;
  private static final int MAX_ANSWER_TOKENS = 256;

  @Option(names = "--mixture", description = "A mixture. Default: none; else --base.")
  private Optional<Path> mixture = Optional.empty();

  @Option(
      names = "--base",
      description =
          "A model directory; with --mixture: where the mixture's base is. Default:"
              + " where the mixture says.")
  private Optional<Path> base = Optional.empty();

  @Option(
      names = "--adapter",
      description = "A PEFT directory that answers all, with --base only. Default: none.")
  private Optional<Path> adapter = Optional.empty();

  @Option(names = "--data", required = true, description = "A folder with a folder a domain.")
  private Path data;

  @Option(
      names = "--items",
      defaultValue = "0",
      description = "A domain's first so many examples; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int items;

  @Option(
      names = "--answers",
      defaultValue = "40",
      description = "So many of a domain's items are answered. Default: ${DEFAULT-VALUE}.")
  private int answers;

  @Option(
      names = "--max-new-tokens",
      defaultValue = "128",
      description = "Longest answer. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Option(
      names = "--router",
      defaultValue = "RIDGE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private RouterKind router = RouterKind.RIDGE;

  @Option(
      names = "--output",
      description = "A JSON Lines file for one object an example. Default: none.")
  private Optional<Path> output = Optional.empty();

  @Mixin private final EncryptionArgument encryption = new EncryptionArgument();

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new Evaluate(), args));
  }

  @Override
  public Integer call() {
    requireOneSubject();
    if (items < 0 || answers < 0 || maxNewTokens < 1) {
      throw new MoaException(
          "--items and --answers must be 0 or more, --max-new-tokens 1 or more.");
    }
    List<Domain> domains = Domains.read(data);
    Optional<MixtureDirectory> directory =
        mixture.map(path -> MixtureDirectory.open(path).encrypted(encryption.encryption()));
    try (OpenBase opened = open(directory);
        AnsweringAdapters adapters =
            directory
                .map(found -> AnsweringAdapters.of(opened.model(), found, router))
                .orElseGet(() -> AnsweringAdapters.of(opened.model(), adapter))) {
      ExampleEncoder encoder =
          new ExampleEncoder(opened.prompts(), MAX_PROMPT_TOKENS, MAX_ANSWER_TOKENS);
      Evaluator evaluator = new Evaluator(opened.model(), encoder);
      DomainEvaluation evaluation =
          new DomainEvaluation(evaluator, adapters, items, answers, maxNewTokens);
      domains.forEach(evaluation::measure);
      PrintWriter out = spec.commandLine().getOut();
      out.print(evaluation.table());
      out.flush(); // it has taken long and must outlive a file that cannot be written
      output.ifPresent(
          file -> {
            evaluation.write(OutputPath.of(file));
            out.printf("Every example: %s%n", file);
          });
      out.flush();
    }
    return 0;
  }

  private OpenBase open(Optional<MixtureDirectory> directory) {
    return directory
        .map(found -> OpenBase.of(found, base, precision.weightFormat()))
        .orElseGet(() -> OpenBase.load(base, precision.weightFormat()));
  }

  private void requireOneSubject() {
    if (mixture.isEmpty() && base.isEmpty()) {
      throw new MoaException("There is nothing to measure: give --mixture or --base.");
    }
    if (mixture.isPresent() && adapter.isPresent()) {
      throw new MoaException(
          "--adapter is for a base alone; a mixture has its own adapters. Leave one out.");
    }
  }
}
