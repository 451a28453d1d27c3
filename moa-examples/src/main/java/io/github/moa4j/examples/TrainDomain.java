package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.OutputPath;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.arguments.WarmStartArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.training.Training;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains one adapter and writes it as a PEFT directory, without any mixture. */
@Command(
    name = "TrainDomain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Trains one adapter and writes a PEFT directory with its provenance. A run that was stopped"
            + " goes on from the state file beside the output.")
public final class TrainDomain implements Callable<Integer> {

  @Option(
      names = "--data",
      required = true,
      description = "A domain's folder: train.jsonl and, optionally, validation.jsonl.")
  private Path data;

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(names = "--output", required = true, description = "The PEFT directory to write.")
  private Path output;

  @Mixin private final WarmStartArgument warmStart = new WarmStartArgument();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new TrainDomain(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Path target = OutputPath.of(output);
    requireFree(target);
    Domain domain = training.prepared(Domain.read(data));
    Path state = target.resolveSibling(target.getFileName() + ".training.safetensors");
    try (OpenBase opened = OpenBase.load(base.directory(), training.weightFormat())) {
      MixtureTrainer trainer = training.trainer(opened, 0);
      Files.createDirectories(target.getParent());
      TrainedDomain trained =
          Training.run(
              trainer, domain, training.routerExamples(domain), warmStart.adapter(), state, out);
      store(trainer, trained, target);
      Files.deleteIfExists(state);
      out.printf("Adapter: %s%n", target);
      return 0;
    } catch (IOException e) {
      throw new MoaException("Cannot write " + target + ": " + Failure.reason(e) + ".", e);
    }
  }

  /** Writes beside the target and renames, so that the target is whole or not there. */
  private static void store(MixtureTrainer trainer, TrainedDomain trained, Path target)
      throws IOException {
    Path partial = target.resolveSibling("." + target.getFileName() + ".partial");
    DurableFiles.deleteTree(partial);
    Files.createDirectories(partial);
    trainer.write(trained, partial);
    Files.deleteIfExists(target); // an empty folder: a rename replaces none on every system
    DurableFiles.rename(partial, target);
  }

  private static void requireFree(Path target) {
    if (Files.notExists(target)) {
      return;
    }
    try {
      if (!Files.isDirectory(target) || !DurableFiles.list(target).isEmpty()) {
        throw new MoaException(
            target
                + " exists already and is not overwritten: name another --output, or delete it"
                + " first.");
      }
    } catch (IOException e) {
      throw new MoaException("Cannot read " + target + ": " + Failure.reason(e) + ".", e);
    }
  }
}
