package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The adapter that a training starts from. */
public final class WarmStartArgument {

  @Option(
      names = "--warm-start",
      description =
          "A PEFT directory to start from, of the same rank and modules. It is not changed."
              + " Default: none.")
  private Optional<Path> directory = Optional.empty();

  public Optional<LoraAdapter> adapter() {
    return directory.map(PeftFormat::read);
  }
}
