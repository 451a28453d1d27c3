package io.github.moa4j.examples.guides;

import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.domains.GeneratedDomains;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains an adapter that turns lines of financial reports into entries. */
@Command(
    name = "ReportLines",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains an adapter that turns lines of financial reports into entries.")
public final class ReportLines implements Callable<Integer> {

  @Mixin private final WorkedExample example = new WorkedExample();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new ReportLines(), args));
  }

  @Override
  public Integer call() {
    return example.run(GeneratedDomains.finance(), spec.commandLine().getOut());
  }
}
