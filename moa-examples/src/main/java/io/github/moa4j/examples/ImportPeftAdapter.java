package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.MixtureArgument;
import io.github.moa4j.examples.arguments.MixtureBaseArgument;
import io.github.moa4j.examples.arguments.PrecisionArgument;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleFile;
import io.github.moa4j.training.mixture.MixtureTrainer;
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

/** Takes an adapter that was trained elsewhere into a mixture. */
@Command(
    name = "ImportPeftAdapter",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Checks that an adapter fits a mixture's base and copies it in. Without provenance it counts"
            + " as unverified: that it was trained on this base is only known to you.")
public final class ImportPeftAdapter implements Callable<Integer> {

  @Mixin private final MixtureArgument mixture = new MixtureArgument();

  @Mixin private final MixtureBaseArgument base = new MixtureBaseArgument();

  @Option(names = "--name", required = true, description = "The domain's name in the mixture.")
  private String name;

  @Option(
      names = "--adapter",
      required = true,
      description = "The PEFT directory: adapter_config.json and adapter_model.safetensors.")
  private Path adapter;

  @Option(
      names = "--prompts",
      description =
          "Examples (JSON Lines) whose prompts teach the routers the domain. Default: statistics"
              + " beside the adapter or, with --replace, beside the old one; without any, only"
              + " --domain reaches it.")
  private Optional<Path> prompts = Optional.empty();

  @Option(names = "--replace", description = "Give a domain that is there this adapter.")
  private boolean replace;

  @Option(names = "--pin", description = "Vouch for it: the adapter is one of this base.")
  private boolean pin;

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new ImportPeftAdapter(), args));
  }

  @Override
  public Integer call() {
    MixtureDirectory directory = mixture.open();
    List<Example> examples =
        prompts.map(file -> ExampleFile.read(file).examples()).orElse(List.of());
    boolean known = directory.state().domains().containsKey(name);
    if (known && !replace) {
      throw new MoaException(
          "The mixture in "
              + directory.directory()
              + " already has a domain '"
              + name
              + "': give --replace to put this adapter in its place, or another --name.");
    }
    boolean routed;
    try (OpenBase opened = OpenBase.of(directory, base.directory(), precision.weightFormat())) {
      MixtureTrainer trainer = opened.trainer(new TrainingArguments().settings(0));
      routed =
          known
              ? trainer.importReplacement(directory, name, adapter, examples, pin)
              : trainer.importAdapter(directory, name, adapter, examples, pin);
    }
    MixtureState state = directory.state();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Imported %s%s%n",
        name, state.domain(name).verified() ? "" : ", unverified (--pin vouches for its base)");
    out.println(
        routed
            ? "The routers know it now."
            : "The routers do not know it: ask with --domain " + name + ".");
    return 0;
  }
}
