package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.study.benchmark.Part;
import io.github.moa4j.examples.study.benchmark.Setting;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures speed and memory on random weights of published shapes, beside others. */
@Command(
    name = "Benchmark",
    mixinStandardHelpOptions = true,
    description = {
      "Writes random weights of published shapes to disk and measures decoding, prefill, adapters,"
          + " memory and training on them, by turns with llama.cpp and, if given, with PEFT.",
      "Everyone who is measured has a process of its own; one measures while the others wait. One"
          + " round does not count, the medians of the others do. The tables are Markdown."
    })
public final class Benchmark implements Callable<Integer> {

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the checkpoints go and stay; by default a temporary folder.")
  private Path directory;

  @Option(
      names = "--shapes",
      paramLabel = "SHAPE",
      split = ",",
      defaultValue = "135M",
      description = "Of 135M, 0.5B, 1B and 7B (default: 135M).")
  private List<String> shapes;

  @Option(
      names = "--formats",
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = "F32,BF16",
      description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private List<WeightFormat> formats;

  @Option(
      names = "--only",
      paramLabel = "PART",
      split = ",",
      description = "Of ${COMPLETION-CANDIDATES}; all by default.")
  private List<Part> only = List.of(Part.values());

  @Option(
      names = "--runs",
      defaultValue = "5",
      description = "Rounds of measurements, of which the median counts (default: 5).")
  private int runs;

  @Option(
      names = "--llama",
      paramLabel = "FILE",
      description = "A libllama to measure instead of the one on the class path, the default.")
  private Path llama;

  @Option(
      names = "--python",
      paramLabel = "FILE",
      description =
          "A Python interpreter that has transformers and PEFT, to measure beside. Default:"
              + " none.")
  private Path python;

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
    try (TemporaryFolder temporary = TemporaryFolder.create("benchmark")) {
      return measure(temporary.path());
    }
  }

  private int measure(Path checkpoints) {
    PrintWriter out = spec.commandLine().getOut();
    Setting setting = new Setting(checkpoints, shapes(), formats, runs, llama, python, out);
    only.forEach(part -> part.measure(setting));
    return 0;
  }

  private List<Shape> shapes() {
    try {
      return shapes.stream().map(Shape::of).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
