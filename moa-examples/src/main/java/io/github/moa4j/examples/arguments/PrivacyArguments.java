package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleFile;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How much an adapter may give away of the examples it is trained on. */
public final class PrivacyArguments {

  @Option(
      names = "--privacy-epsilon",
      defaultValue = "0",
      description =
          "Train with differential privacy within this epsilon, with as much noise as it takes."
              + " Default: without.")
  private double epsilon;

  @Option(
      names = "--privacy-delta",
      defaultValue = "1e-5",
      description = "The share of cases in which it need not hold. Default: ${DEFAULT-VALUE}.")
  private double delta = 1e-5;

  @Option(
      names = "--examples-per-record",
      defaultValue = "1",
      description =
          "So many examples may come from one person or document, which is what is protected."
              + " Default: ${DEFAULT-VALUE}.")
  private int examplesPerRecord = 1;

  @Option(
      names = "--public-start",
      description = "The adapter to start from has learnt from public examples alone.")
  private boolean publicStart;

  @Option(
      names = "--public-prompts",
      description =
          "A JSON Lines file of public examples that the routers learn a private domain from."
              + " Default: none, and only callers who name the domain reach it.")
  private Optional<Path> publicPrompts = Optional.empty();

  /** Makes a training private, if the user wishes so. */
  TrainingOptions applyTo(TrainingOptions options) {
    if (epsilon == 0) {
      if (publicPrompts.isPresent() || publicStart || examplesPerRecord > 1) {
        throw new MoaException(
            "--public-prompts, --public-start and --examples-per-record belong to private"
                + " training: give --privacy-epsilon too, or leave them out.");
      }
      return options;
    }
    PrivacyOptions privacy =
        PrivacyOptions.within(epsilon, delta).withExamplesPerRecord(examplesPerRecord);
    return options.withPrivacy(publicStart ? privacy.withPublicStart() : privacy);
  }

  /** The examples that routers learn a domain from. */
  List<Example> routerExamples(Domain domain) {
    return epsilon == 0
        ? domain.train()
        : publicPrompts.map(file -> ExampleFile.read(file).examples()).orElse(List.of());
  }
}
