package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.process.SteadyJvm;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.reliability.EnduranceRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks a mixture that changes in every way from many threads for long, and judges each answer. */
@Command(
    name = "Endurance",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Callers ask a mixture of four domains on the embedded base, alone, together and in streams,"
          + " cancel, abandon streams, are interrupted or have no time, while adapters are replaced,"
          + " rolled back, added and removed, and memory has room for one of them.",
      "Every answer is compared, token for token, with what its adapter says when nobody else asks."
          + " Exit code 1 if one is wrong, a request ends otherwise than it should, or memory grows."
    })
public final class Endurance implements Callable<Integer> {

  private static final double MOST_BYTES = 1024;

  @Option(
      names = "--callers",
      defaultValue = "32",
      description = "Threads that ask. Default: ${DEFAULT-VALUE}.")
  private int callers;

  @Option(
      names = "--minutes",
      defaultValue = "60",
      description = "How long. Default: ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--format",
      defaultValue = "F32",
      description = "Of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private WeightFormat format;

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 1 if something was not as it should be. */
  public static void main(String[] args) {
    System.exit(Commands.run(new Endurance(), args));
  }

  @Override
  public Integer call() throws IOException {
    try (TemporaryFolder directory = TemporaryFolder.create("endurance")) {
      Path base = EmbeddedBase.extractTo(directory.path());
      Map<String, Double> values =
          ChildJvm.run(
              options(),
              SteadyJvm.ENVIRONMENT,
              EnduranceRun.class,
              List.of(base.toString(), format.name(), "" + callers, "" + minutes));
      boolean right =
          values.get(EnduranceRun.ERRORS) == 0
              && values.get(EnduranceRun.WRONG) == 0
              && values.get(EnduranceRun.BYTES_A_REQUEST) <= MOST_BYTES;
      PrintWriter out = spec.commandLine().getOut();
      out.println(right ? "as it should be" : "NOT as it should be");
      out.flush();
      return right ? 0 : 1;
    }
  }

  private static List<String> options() {
    List<String> options = new ArrayList<>(SteadyJvm.OPTIONS);
    options.add("-Dorg.slf4j.simpleLogger.log.io.github.moa4j=error"); // lost streams are meant
    return options;
  }
}
