package io.github.moa4j.examples.study;

import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.arguments.WarmStartArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.training.ConsoleProgress;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.mixture.MixtureTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains an adapter for others to start from, like the one that comes with the embedded base. */
@Command(
    name = "StartAdapter",
    mixinStandardHelpOptions = true,
    description =
        "Trains the embedded base to copy what is said and to answer in forms, by drills and kinds"
            + " of work that it makes itself.")
public final class StartAdapter implements Callable<Integer> {

  private static final int DRILLS = 25000;
  private static final int SELECTION = 30; // of the drills, and of each kind

  @Option(names = "--output", required = true, description = "Where the PEFT directory goes.")
  private Path output;

  @Option(
      names = "--practice-examples",
      defaultValue = "2800",
      description =
          "Of each kind of work, beside --train-examples drills; 0 for none. Default: 2800.")
  private int practiceExamples;

  @Mixin private final WarmStartArgument warmStart = new WarmStartArgument();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new StartAdapter(), args));
  }

  @Override
  public Integer call() {
    try (OpenBase base = OpenBase.load(Optional.empty(), training.weightFormat());
        ConsoleProgress progress = new ConsoleProgress("start")) {
      MixtureTrainer trainer = training.embeddedTrainer(base, DRILLS);
      List<Domain> learnt = learnt(trainer.settings().trainingExamples());
      TrainingSession session =
          new TrainingSession(warmStart.adapter(), Optional.empty(), progress.of("start"));
      TrainingResult result =
          new LoraTrainer(base.model(), trainer.settings().adapter())
              .train(
                  encode(learnt, Domain::train, trainer),
                  encode(learnt, Domain::validation, trainer),
                  session);
      PeftFormat.write(result.adapter(), output);
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "start: %d tokens, loss on examples set aside %.3f%n",
              result.tokens(),
              result.validationLoss());
      return 0;
    }
  }

  private List<Domain> learnt(int drills) {
    List<Domain> learnt = new ArrayList<>();
    learnt.add(GeneratedDomains.copying().toDomain(drills, SELECTION, training.seed()));
    if (practiceExamples > 0) {
      GeneratedDomains.practice()
          .forEach(kind -> learnt.add(kind.toDomain(practiceExamples, SELECTION, training.seed())));
    }
    return learnt;
  }

  private static List<EncodedExample> encode(
      List<Domain> domains, Function<Domain, List<Example>> part, MixtureTrainer trainer) {
    return domains.stream()
        .flatMap(domain -> trainer.encoder().encode(part.apply(domain)).stream())
        .toList();
  }
}
