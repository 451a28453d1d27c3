package io.github.moa4j.examples.arguments;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of a program that runs a mixture's base: where it is, if the mixture is wrong. */
public final class MixtureBaseArgument {

  @Option(names = "--base", description = "Its base. Default: where the mixture says.")
  private Optional<Path> base = Optional.empty();

  public Optional<Path> directory() {
    return base;
  }
}
