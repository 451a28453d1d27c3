package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.MixtureArgument;
import io.github.moa4j.examples.arguments.MixtureBaseArgument;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.arguments.WarmStartArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.measurement.AdapterHashes;
import io.github.moa4j.examples.training.Training;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Extends a mixture by a domain, without the data of the others and without touching them. */
@Command(
    name = "AddDomain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Trains an adapter, teaches the routers its domain and commits both. The other adapters"
            + " stay as they are, and their data is not needed.")
public final class AddDomain implements Callable<Integer> {

  @Mixin private final MixtureArgument mixture = new MixtureArgument();

  @Mixin private final MixtureBaseArgument base = new MixtureBaseArgument();

  @Option(
      names = "--data",
      required = true,
      description =
          "A folder that bears the domain's name: train.jsonl and, optionally, validation.jsonl.")
  private Path data;

  @Option(names = "--replace", description = "Give a domain that is there a new adapter.")
  private boolean replace;

  @Mixin private final WarmStartArgument warmStart = new WarmStartArgument();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new AddDomain(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    MixtureDirectory directory = mixture.open();
    Domain domain = training.prepared(Domain.read(data));
    requireFree(directory, domain.name());
    AdapterHashes before = AdapterHashes.of(directory).without(domain.name());
    try (OpenBase opened = OpenBase.of(directory, base.directory(), training.weightFormat())) {
      MixtureTrainer trainer = training.trainer(opened, 0);
      Path state = directory.directory().resolve("training-" + domain.name() + ".safetensors");
      TrainedDomain trained =
          Training.run(
              trainer, domain, training.routerExamples(domain), warmStart.adapter(), state, out);
      if (trained.promptStates().isEmpty()) {
        trainer.storeUnrouted(directory, trained);
        Files.deleteIfExists(state);
        out.println("The routers have not learnt the domain: callers reach it by its name");
        return 0;
      }
      StoredRouters routers = trainer.add(directory, trained);
      Files.deleteIfExists(state);
      out.printf("The mixture's domains: %s%n", directory.state().domains().keySet());
      sayWhatChanged(before, AdapterHashes.of(directory).without(domain.name()), out);
      if (domain.validation().isEmpty()) {
        out.println("Routing accuracy: not measured, there is no validation.jsonl");
      } else {
        Evaluator evaluator = new Evaluator(opened.model(), trainer.encoder());
        List<PromptStates> states = evaluator.statesAsRead(domain.validation());
        out.printf(
            Locale.ROOT,
            "Routing accuracy on %d validation prompts: layer-wise %.3f, ridge %.3f%n",
            states.size(),
            accuracy(routers.layerwise(), states, domain.name()),
            accuracy(routers.ridge(), states, domain.name()));
      }
      return 0;
    } catch (IOException e) {
      throw new MoaException(
          "The domain was added, but the training's state cannot be deleted: "
              + Failure.reason(e)
              + ".",
          e);
    }
  }

  private void requireFree(MixtureDirectory directory, String name) {
    DomainNames.check(name);
    boolean known = directory.state().domains().containsKey(name);
    if (known && !replace) {
      throw new MoaException(
          "The mixture in "
              + directory.directory()
              + " already has a domain '"
              + name
              + "': give --replace to train it anew, or rename the data's folder.");
    }
  }

  private static void sayWhatChanged(AdapterHashes before, AdapterHashes after, PrintWriter out) {
    List<String> changed = after.changedSince(before);
    out.printf(
        "Interference check: all other adapters %s%n%s%n",
        changed.isEmpty() ? "unchanged, byte for byte" : "but " + changed + " CHANGED", after);
  }

  private static double accuracy(Router router, List<PromptStates> states, String name) {
    return states.stream()
            .filter(prompt -> router.route(prompt).chosen().equals(Optional.of(name)))
            .count()
        / (double) states.size();
  }
}
