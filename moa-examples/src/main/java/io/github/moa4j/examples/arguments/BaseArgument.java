package io.github.moa4j.examples.arguments;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of a program that starts from a base alone. */
public final class BaseArgument {

  @Option(names = "--base", description = "A Hugging Face model directory. Default: embedded.")
  private Optional<Path> base = Optional.empty();

  public Optional<Path> directory() {
    return base;
  }
}
