package io.github.moa4j.examples.study;

import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.callers.SoakRun;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.process.SteadyJvm;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Answers and trains for long and looks for native memory that is not given back. */
@Command(
    name = "Soak",
    mixinStandardHelpOptions = true,
    description = {
      "Answers thousands of requests of many lengths, some cancelled and some refused, then trains,"
          + " and watches the number of live native arrays and the resident memory.",
      "The Java process that does it has a heap of fixed size, and a C library that gives freed"
          + " memory back at once, so that what grows is native and in use.",
      "Exit code 1 if the arrays grow, or resident memory by more than 1 KB a request or step."
    })
public final class Soak implements Callable<Integer> {

  private static final double MOST_BYTES = 1024;

  @Option(
      names = "--warm-up",
      defaultValue = "200",
      description = "Requests and training steps before memory is watched (default: 200).")
  private int warmUp;

  @Option(names = "--requests", defaultValue = "2000", description = "Requests (default: 2000).")
  private int requests;

  @Option(
      names = "--training-steps",
      defaultValue = "500",
      description = "Optimiser steps after the requests, three times (default: 500).")
  private int trainingSteps;

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Runs the program; exit code 1 if memory grows, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new Soak(), args));
  }

  @Override
  public Integer call() throws IOException {
    try (TemporaryFolder directory = TemporaryFolder.create("soak")) {
      Path base = EmbeddedBase.extractTo(directory.path());
      List<String> arguments =
          List.of(base.toString(), "" + warmUp, "" + requests, "" + trainingSteps);
      return judge(
          ChildJvm.run(SteadyJvm.OPTIONS, SteadyJvm.ENVIRONMENT, SoakRun.class, arguments));
    }
  }

  private int judge(Map<String, Double> values) {
    double arrays = values.get(SoakRun.ARRAYS_GROWN);
    double request = values.get(SoakRun.BYTES_A_REQUEST);
    double step = values.get(SoakRun.BYTES_A_STEP);
    boolean steady = arrays <= 0 && request <= MOST_BYTES && step <= MOST_BYTES;
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "live arrays grew by %.0f; resident memory by %.0f bytes a request and %.0f a step: %s%n",
        arrays,
        request,
        step,
        steady ? "steady" : "NOT steady");
    out.flush();
    return steady ? 0 : 1;
  }
}
