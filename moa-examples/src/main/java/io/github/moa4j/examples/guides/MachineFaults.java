package io.github.moa4j.examples.guides;

import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.domains.GeneratedDomains;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains an adapter that classifies machine logs and names what to do. */
@Command(
    name = "MachineFaults",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains an adapter that classifies machine logs and names what to do.")
public final class MachineFaults implements Callable<Integer> {

  @Mixin private final WorkedExample example = new WorkedExample();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new MachineFaults(), args));
  }

  @Override
  public Integer call() {
    return example.run(GeneratedDomains.machine(), spec.commandLine().getOut());
  }
}
