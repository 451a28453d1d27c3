package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.ComputeType;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.study.benchmark.BenchmarkReport;
import io.github.moa4j.examples.study.benchmark.InferenceSpeed;
import io.github.moa4j.examples.study.benchmark.ServingMemory;
import io.github.moa4j.examples.study.benchmark.SyntheticCheckpoint;
import io.github.moa4j.examples.study.benchmark.TrainingSpeed;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures speed and memory on random weights of a 135 M shape, beside what the machine can do. */
@Command(
    name = "Benchmark",
    mixinStandardHelpOptions = true,
    description = {
      "Writes random weights of a published shape with 135 M parameters to disk and measures"
          + " prefill, decoding and training on them, beside the machine's matrix product and"
          + " memory read of the same run.",
      "Every part runs in a Java process of its own, so that its peak memory is its own."
    })
public final class Benchmark implements Callable<Integer> {

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the checkpoint goes and stays; by default a temporary folder.")
  private Path directory;

  @Option(
      names = "--runs",
      defaultValue = "5",
      description = "Measurements of each kind, of which the median counts (default: 5).")
  private int runs;

  @Option(
      names = "--only",
      paramLabel = "PART",
      description = "Run only parts whose name starts so: inference, serving or training.")
  private String only;

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Runs the program; exit code 1 if it fails, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new Benchmark(), args));
  }

  @Override
  public Integer call() throws IOException {
    if (directory != null) {
      return measure(Files.createDirectories(directory));
    }
    Path temporary = Files.createTempDirectory("moa4j-benchmark");
    try {
      return measure(temporary);
    } finally {
      SyntheticCheckpoint.delete(temporary);
    }
  }

  private int measure(Path checkpoint) {
    SyntheticCheckpoint.write(checkpoint);
    Map<String, Double> results = new TreeMap<>();
    run(results, "inference", InferenceSpeed.class, List.of(), checkpoint);
    for (ComputeType type : ComputeType.values()) {
      run(results, "serving." + type, ServingMemory.class, List.of(type.name()), checkpoint);
      run(results, "training." + type, TrainingSpeed.class, List.of(type.name()), checkpoint);
    }
    BenchmarkReport.print(results, spec.commandLine().getOut());
    return 0;
  }

  private void run(
      Map<String, Double> results, String part, Class<?> main, List<String> more, Path directory) {
    if (only != null && !part.startsWith(only)) {
      return;
    }
    spec.commandLine().getErr().println("Measuring " + part + " ...");
    spec.commandLine().getErr().flush();
    List<String> arguments = new ArrayList<>(List.of(directory.toString(), "" + runs));
    arguments.addAll(more);
    ChildJvm.run(List.of(), main, arguments)
        .forEach((name, value) -> results.put(part + "." + name, value));
  }
}
