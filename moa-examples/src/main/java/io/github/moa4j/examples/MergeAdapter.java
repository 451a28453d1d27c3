package io.github.moa4j.examples;

import io.github.moa4j.core.lora.MergedCheckpoint;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.EmbeddedBase;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Works an adapter into the weights of its base, as a checkpoint of its own. */
@Command(
    name = "MergeAdapter",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Writes a base with an adapter in its weights, in Hugging Face's format. It answers as base"
            + " and adapter do, as fast as the base alone, in every program that reads the base's"
            + " format; and other adapters can be trained on it.")
public final class MergeAdapter implements Callable<Integer> {

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(
      names = "--adapter",
      required = true,
      description = "The PEFT directory, such as a domain's in a mixture's folder.")
  private Path adapter;

  @Option(
      names = "--output",
      required = true,
      description = "Where the merged base goes; new or empty.")
  private Path output;

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new MergeAdapter(), args));
  }

  @Override
  public Integer call() {
    Path directory = base.directory().orElseGet(EmbeddedBase::extract);
    MergedCheckpoint.write(directory, PeftFormat.read(adapter), output);
    spec.commandLine().getOut().printf("Wrote %s%n", output);
    return 0;
  }
}
