package io.github.moa4j.examples.study;

import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.arguments.WarmStartArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.training.ConsoleProgress;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.mixture.MixtureTrainer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains an adapter that copies what is said, like the one that comes with the embedded base. */
@Command(
    name = "CopyingAdapter",
    mixinStandardHelpOptions = true,
    description =
        "Trains the embedded base to copy what is said into other frames, by drills it makes itself.")
public final class CopyingAdapter implements Callable<Integer> {

  private static final int DRILLS = 32000;
  private static final int SELECTION = 100;

  @Option(names = "--output", required = true, description = "Where the PEFT directory goes.")
  private Path output;

  @Mixin private final WarmStartArgument warmStart = new WarmStartArgument();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new CopyingAdapter(), args));
  }

  @Override
  public Integer call() {
    try (OpenBase base = OpenBase.load(Optional.empty(), training.weightFormat());
        ConsoleProgress progress = new ConsoleProgress("copying")) {
      MixtureTrainer trainer = training.embeddedTrainer(base, DRILLS);
      int drills = trainer.settings().trainingExamples();
      Domain copying = GeneratedDomains.copying().toDomain(drills, SELECTION, training.seed());
      TrainingSession session =
          new TrainingSession(warmStart.adapter(), Optional.empty(), progress.of("copying"));
      TrainingResult result =
          new LoraTrainer(base.model(), trainer.settings().adapter())
              .train(
                  trainer.encoder().encode(copying.train()),
                  trainer.encoder().encode(copying.validation()),
                  session);
      PeftFormat.write(result.adapter(), output);
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "copying: %d tokens, loss on drills set aside %.3f%n",
              result.tokens(),
              result.validationLoss());
      return 0;
    }
  }
}
