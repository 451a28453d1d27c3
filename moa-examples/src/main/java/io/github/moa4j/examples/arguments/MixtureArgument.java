package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.store.MixtureDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option of a program that works on a mixture: where it is. */
public final class MixtureArgument {

  @Option(
      names = "--mixture",
      defaultValue = "moa-quickstart/mixture",
      description = "The mixture. Default: ${DEFAULT-VALUE}.")
  private Path mixture;

  public MixtureDirectory open() {
    return MixtureDirectory.open(mixture);
  }
}
