package io.github.moa4j.examples.study;

import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.PrecisionArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.comparison.Comparison;
import io.github.moa4j.examples.study.methods.Scoring;
import io.github.moa4j.examples.study.report.ReportWriter;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.DomainScore;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.workbench.ComparisonSettings;
import io.github.moa4j.training.data.Domains;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains and measures every method on the same domains and writes a report. */
@Command(
    name = "CompareMethods",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Compares Mixture-of-LoRAs with its baselines, ablations included, on a folder of domains,"
            + " and writes report.html, report.md and CSV files. A run that was stopped goes on"
            + " from its output folder.")
public final class CompareMethods implements Callable<Integer> {

  @Option(
      names = "--data",
      required = true,
      description = "A folder with a folder a domain, each with train.jsonl and validation.jsonl.")
  private Path data;

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(
      names = "--output",
      defaultValue = "moa-comparison",
      description = "Where report, results and adapters go. Default: ${DEFAULT-VALUE}.")
  private Path output;

  @Option(names = "--quick", description = "The whole report from a tenth of the work.")
  private boolean quick;

  @Option(
      names = "--texts",
      description =
          "A folder with texts of no domain (*.txt), which routers should abstain from. Default:"
              + " none.")
  private List<Path> texts = List.of();

  @Option(
      names = "--tune",
      split = ",",
      description =
          "Only chooses batch size and learning rate of these methods, such as"
              + " single-lora,single-lora-mixed-large, and ends. Default: everything is run.")
  private List<String> tune = List.of();

  @Option(
      names = "--measure",
      split = ",",
      description =
          "Only trains and measures these methods, with every seed, at the best setting tried so"
              + " far, and ends. Default: everything is run.")
  private List<String> measure = List.of();

  @Option(
      names = "--batch-sizes",
      split = ",",
      description = "Only these are tried, in this order. Default: 4,8,2,16, quick: 4.")
  private List<Integer> batchSizes = List.of();

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Spec private CommandSpec spec;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(Commands.run(new CompareMethods(), args));
  }

  @Override
  public Integer call() {
    ComparisonSettings settings = settings();
    try (OpenBase opened =
        OpenBase.load(base.directory(), precision.weightFormat(Comparison.precision(output)))) {
      Comparison comparison =
          new Comparison(opened.model(), opened.prompts(), Domains.read(data), settings, output);
      if (!tune.isEmpty()) {
        comparison.tune(tune).forEach(this::print);
        return 0;
      }
      if (!measure.isEmpty()) {
        comparison.measure(measure).forEach(this::print);
        return 0;
      }
      ComparisonResults results = comparison.run(machine(), command(), texts);
      ReportWriter.write(results, output);
      PrintWriter out = spec.commandLine().getOut();
      results
          .claims()
          .forEach(
              claim ->
                  out.printf(
                      "%s %s (%s)%n",
                      claim.holds() ? "yes" : "NO ", claim.claim(), claim.measured()));
      out.printf("Report: %s%n", output.resolve("report.html"));
      out.flush();
      return 0;
    }
  }

  private ComparisonSettings settings() {
    ComparisonSettings settings = quick ? ComparisonSettings.quick() : ComparisonSettings.full();
    return batchSizes.isEmpty() ? settings : settings.withBatchSizes(batchSizes);
  }

  private void print(TuningChoice choice) {
    PrintWriter out = spec.commandLine().getOut();
    for (TuningChoice.Trial trial : choice.trials()) {
      out.printf(
          "%-26s batch %2d at %.2e: %.4f%s%n",
          choice.method(),
          trial.setting().batchSize(),
          trial.setting().learningRate(),
          trial.loss(),
          trial.setting().equals(choice.chosen()) ? "  *" : "");
    }
    out.flush();
  }

  private void print(MethodRun run) {
    PrintWriter out = spec.commandLine().getOut();
    List<Double> perplexities =
        run.domains().values().stream().map(DomainScore::perplexity).toList();
    out.printf(
        "%-26s seed %d, batch %d at %.2e: %.4f%s%n",
        run.method(),
        run.seed(),
        run.setting().batchSize(),
        run.setting().learningRate(),
        Scoring.geometricMean(perplexities),
        run.domains().entrySet().stream()
            .map(entry -> " %s %.3f".formatted(entry.getKey(), entry.getValue().perplexity()))
            .collect(Collectors.joining()));
    out.flush();
  }

  private String command() {
    return "mvn -q compile exec:java -Dmain=study.CompareMethods -Dexec.args=\""
        + String.join(" ", spec.commandLine().getParseResult().originalArgs())
        + "\"";
  }

  private static String machine() {
    return "%s %s, %d processors, Java %s"
        .formatted(
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors(),
            Runtime.version());
  }
}
