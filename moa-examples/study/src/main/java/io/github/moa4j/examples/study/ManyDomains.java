package io.github.moa4j.examples.study;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.synthetic.LinkedMixture;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what a mixture costs for the number of its domains. */
@Command(
    name = "ManyDomains",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a mixture of many domains on the small base, each with an adapter of rank 1 and a row"
          + " of random weights in the routers, and measures how long it takes to open, to commit"
          + " to, to take over a commit, to route among, and to switch from adapter to adapter.",
      "Opening is measured beside loading the same base alone, both for the second time."
    })
public final class ManyDomains implements Callable<Integer> {

  private static final int REPETITIONS = 21;

  @Option(names = "--domains", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
  private int domains;

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new ManyDomains(), args));
  }

  @Override
  public Integer call() throws IOException {
    try (TemporaryFolder temporary = TemporaryFolder.create("many-domains")) {
      Path folder = temporary.path();
      Path base = EmbeddedBase.extractTo(folder.resolve("base"));
      LinkedMixture synthetic = new LinkedMixture(base);
      print("writing the mixture", milliseconds(() -> write(folder, synthetic)));
      loadAndOpen(folder, base);
      double load = milliseconds(() -> BaseModel.load(base, WeightFormat.F32).close());
      double open = milliseconds(() -> MixtureOfLoras.builder(mixture(folder)).open().close());
      print("loading the base alone", load);
      print("opening the mixture, beyond that", open - load);
      measure(folder, synthetic);
      return 0;
    }
  }

  private static Path mixture(Path folder) {
    return folder.resolve("mixture");
  }

  private void write(Path folder, LinkedMixture synthetic) {
    synthetic.write(mixture(folder), domains);
  }

  private static void loadAndOpen(Path folder, Path base) {
    BaseModel.load(base, WeightFormat.F32).close();
    MixtureOfLoras.builder(mixture(folder)).open().close();
  }

  private void measure(Path folder, LinkedMixture synthetic) {
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(mixture(folder)).open()) {
      MixtureDirectory directory = mixture.directory();
      print("commit of one domain", median(i -> directory.replaceDomain(name(i), synthetic)));
      print(
          "commit of one domain and refresh",
          median(
              i -> {
                directory.replaceDomain(name(i), synthetic);
                mixture.refresh();
              }));
      Question question = Question.of("List all files, hidden ones too");
      print("routing a question", median(i -> mixture.route(question)));
      print("first use of an adapter", median(i -> mixture.registry().acquire(name(i)).close()));
      print("switch to a warm adapter", median(i -> mixture.registry().acquire(name(i)).close()));
    }
  }

  private String name(int index) {
    return LinkedMixture.name(index % domains);
  }

  private static double milliseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(IntConsumer work) {
    double[] times = new double[REPETITIONS];
    for (int i = 0; i < times.length; i++) {
      int index = i;
      times[i] = milliseconds(() -> work.accept(index));
    }
    Arrays.sort(times);
    return times[REPETITIONS / 2];
  }

  private void print(String what, double milliseconds) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "%-34s %,12.3f ms%n", what, milliseconds);
    out.flush();
  }
}
