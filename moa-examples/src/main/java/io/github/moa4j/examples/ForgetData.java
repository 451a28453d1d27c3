package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Sha256;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.MixtureArgument;
import io.github.moa4j.examples.arguments.MixtureBaseArgument;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.training.Training;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.mixture.MixtureRouters;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.SeenData;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells which adapters have seen a file of training data; trains them anew or drops them. */
@Command(
    name = "ForgetData",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Lists the versions of a mixture's adapters that have seen a file of training data, by the"
            + " hashes in their provenance. With --retrain, trains those domains anew on data"
            + " without it; with --drop, removes them. Either deletes every version that has seen"
            + " the file.")
public final class ForgetData implements Callable<Integer> {

  @Mixin private final MixtureArgument mixture = new MixtureArgument();

  @ArgGroup(multiplicity = "1")
  private final Wanted wanted = new Wanted();

  @ArgGroup private final Action action = new Action();

  @Mixin private final MixtureBaseArgument base = new MixtureBaseArgument();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  @Spec private CommandSpec spec;

  /** Which file. */
  static final class Wanted {
    @Option(names = "--file", description = "The file, as it was when it was trained on.")
    private Path file;

    @Option(names = "--sha256", description = "The hash of its bytes, if it is gone.")
    private String sha256;
  }

  /** What becomes of the adapters that have seen it. */
  static final class Action {
    @Option(
        names = "--retrain",
        paramLabel = "FOLDER",
        description = "Train them anew: it holds a folder of each domain's data, without the file.")
    private Path data;

    @Option(names = "--drop", description = "Remove them.")
    private boolean drop;
  }

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new ForgetData(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    MixtureDirectory directory = mixture.open();
    String sha256 = wanted.file == null ? wanted.sha256 : Sha256.of(wanted.file, MoaException::new);
    SeenData seen = Commands.valid(() -> SeenData.of(directory, sha256));
    seen.versions()
        .forEach(
            version ->
                out.printf(
                    "%s, version %d%s: %s%n",
                    version.domain(),
                    version.version(),
                    version.active() ? " (active)" : "",
                    say(version.how())));
    if (seen.versions().isEmpty()) {
      out.printf("No version has seen %s%n", sha256);
    }
    out.flush();
    if (action.data != null && !seen.certain().isEmpty()) {
      retrain(directory, seen, sha256, out);
    } else if (action.drop && !seen.certain().isEmpty()) {
      MixtureRouters routers =
          new MixtureRouters(LayerwiseRouterSettings.defaults(), RidgeSettings.defaults());
      out.printf("Removed %s. Left: ", seen.drop(directory, routers));
      out.printf("%s%n", directory.state().domains().keySet());
    }
    return 0;
  }

  private static String say(SeenData.How how) {
    return switch (how) {
      case TRAINED -> "was trained on it";
      case INHERITED -> "started from an adapter that had seen it";
      case UNKNOWN -> "not known: its provenance does not tell";
    };
  }

  private void retrain(MixtureDirectory directory, SeenData seen, String sha256, PrintWriter out) {
    List<Domain> domains = new ArrayList<>();
    for (SeenData.Version version : seen.certain()) {
      if (version.active()) {
        domains.add(training.prepared(without(sha256, action.data.resolve(version.domain()))));
      }
    }
    try (OpenBase opened = OpenBase.of(directory, base.directory(), training.weightFormat())) {
      MixtureTrainer trainer = training.trainer(opened, 0);
      for (Domain domain : domains) {
        Path state = directory.directory().resolve("training-" + domain.name() + ".safetensors");
        List<Example> routed = training.routerExamples(domain);
        TrainedDomain trained = Training.run(trainer, domain, routed, Optional.empty(), state, out);
        if (trained.promptStates().isEmpty()) {
          trainer.storeUnrouted(directory, trained);
          out.printf(
              "The routers have forgotten %s: callers reach it by its name%n", domain.name());
        } else {
          trainer.add(directory, trained);
        }
        Files.deleteIfExists(state);
      }
    } catch (IOException e) {
      throw new MoaException("A training's state cannot be deleted: " + Failure.reason(e) + ".", e);
    }
    seen.dropKept(directory);
    out.printf("Trained anew: %s%n", domains.stream().map(Domain::name).toList());
  }

  private static Domain without(String sha256, Path folder) {
    Domain domain = Domain.read(folder);
    if (domain.sources().stream().anyMatch(source -> source.sha256().equals(sha256))) {
      throw new MoaException(
          folder + " still holds the file that is to be forgotten. Take its examples out first.");
    }
    return domain;
  }
}
