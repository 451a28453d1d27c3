package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.study.benchmark.Setting;
import io.github.moa4j.examples.study.callers.CallersRun;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks one mixture from many threads at once. */
@Command(
    name = "ManyCallers",
    mixinStandardHelpOptions = true,
    description = {
      "Asks a mixture of eight random adapters on random weights of a published shape: first from"
          + " one thread, then from many at once, and compares speed, time to the first token, and"
          + " the answers token for token."
    })
public final class ManyCallers implements Callable<Integer> {

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the checkpoint goes and stays; by default a temporary folder.")
  private Path directory;

  @Option(
      names = "--shape",
      defaultValue = "135M",
      description = "Of 135M, 0.5B, 1B and 7B (default: ${DEFAULT-VALUE}).")
  private String shape;

  @Option(
      names = "--format",
      defaultValue = "BF16",
      description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private WeightFormat format;

  @Option(
      names = "--callers",
      defaultValue = "20",
      description = "Threads that ask (default: ${DEFAULT-VALUE}).")
  private int callers;

  @Option(
      names = "--questions",
      defaultValue = "3",
      description = "Questions a caller asks (default: ${DEFAULT-VALUE}).")
  private int questions;

  @Option(
      names = "--routing-states",
      defaultValue = "0",
      description =
          "How many states the router reads; 1 for none behind a layer, 0 for all (default:"
              + " ${DEFAULT-VALUE}).")
  private int routingStates;

  @Option(
      names = "--busy",
      defaultValue = "0",
      paramLabel = "PROCESSES",
      description =
          "Also asks while so many other processes want a processor each (default:"
              + " ${DEFAULT-VALUE}).")
  private int busy;

  /** Runs the program; exit code 1 if it fails, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new ManyCallers(), args));
  }

  @Override
  public Integer call() throws IOException {
    if (directory != null) {
      return measure(Files.createDirectories(directory));
    }
    try (TemporaryFolder temporary = TemporaryFolder.create("callers")) {
      return measure(temporary.path());
    }
  }

  private int measure(Path checkpoints) {
    Path base = Setting.answering(checkpoints, Shape.of(shape));
    ChildJvm.run(
        List.of(),
        CallersRun.class,
        List.of(
            base.toString(),
            format.name(),
            "" + callers,
            "" + questions,
            "" + routingStates,
            "" + busy));
    return 0;
  }
}
