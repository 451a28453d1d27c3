package io.github.moa4j.examples.study;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.MergedCheckpoint;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.PrecisionArgument;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.methods.Scoring;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.Perplexity;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what domains gain from an adapter that all of them have in common. */
@Command(
    name = "CommonAdapter",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains an adapter on the mixed examples of all domains, then one a domain below or from it,"
          + " each with half of the passes, and measures every domain under its own. Every way sees"
          + " as many answer tokens.",
      "The validation examples only report; the loss on training examples that nobody learns from is"
          + " there to choose by."
    })
public final class CommonAdapter implements Callable<Integer> {

  /** What domains have in common. */
  enum Common {
    /** Nothing: adapters of their own alone. */
    NONE,
    /** Weights: the common adapter is merged into the base. */
    BASE,
    /** Where their adapters start. */
    START,
    /** A, which stands still: their adapters start from the common one, and B alone moves. */
    A
  }

  private static final int EXAMPLES = 300;
  private static final int SELECTION = 64;
  private static final int VALIDATION = 200;
  private static final int PASSES = 2;

  /** So small a rate that nothing moves in f32. */
  private static final double STILL = 1e-15;

  @Option(
      names = "--data",
      required = true,
      description = "A folder with a folder a domain, each with train.jsonl and validation.jsonl.")
  private Path data;

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(
      names = "--common",
      defaultValue = "BASE",
      description = "Of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Common common;

  @Option(
      names = "--common-rank",
      defaultValue = "16",
      description =
          "Of a common adapter in the base; one that domains start from has their rank."
              + " Default: ${DEFAULT-VALUE}.")
  private int commonRank;

  @Option(
      names = "--rank",
      defaultValue = "16",
      description = "Of the domains' adapters. Default: ${DEFAULT-VALUE}.")
  private int rank;

  @Option(
      names = "--common-learning-rate",
      defaultValue = "7.5e-4",
      description = "Of the common adapter, in batches of 4. Default: ${DEFAULT-VALUE}.")
  private double commonLearningRate;

  @Option(
      names = "--learning-rate",
      defaultValue = "1.5e-3",
      description = "Of the domains' adapters. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--batch-size",
      defaultValue = "2",
      description = "Of the domains' adapters. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new CommonAdapter(), args));
  }

  @Override
  public Integer call() throws IOException {
    List<Domain> domains = Domains.read(data);
    try (OpenBase opened = OpenBase.load(base.directory(), precision.weightFormat())) {
      ExampleEncoder encoder = new ExampleEncoder(opened.prompts(), 384, 256);
      if (common == Common.NONE) {
        measure(opened.model(), encoder, domains, Optional.empty());
        return 0;
      }
      LoraAdapter shared = common(opened.model(), encoder, domains);
      if (common != Common.BASE) {
        measure(opened.model(), encoder, domains, Optional.of(shared));
        return 0;
      }
      try (TemporaryFolder folder = TemporaryFolder.create("common")) {
        Path merged = folder.path().resolve("base");
        MergedCheckpoint.write(opened.model().directory(), shared, merged);
        try (BaseModel model = BaseModel.load(merged, opened.model().weightFormat())) {
          measure(model, encoder, domains, Optional.empty());
        }
      }
      return 0;
    }
  }

  private LoraAdapter common(BaseModel model, ExampleEncoder encoder, List<Domain> domains) {
    TrainingOptions options =
        options(common == Common.BASE ? commonRank : rank)
            .epochs(PASSES / 2)
            .batchSize(4)
            .learningRate(commonLearningRate)
            .build();
    TrainingResult result =
        new LoraTrainer(model, options)
            .trainMixed(
                domains.stream().map(domain -> train(encoder, domain)).toList(),
                domains.stream().map(domain -> selection(encoder, domain)).toList(),
                TrainingSession.fresh());
    print("common: selection loss %.4f%n", result.validationLoss());
    return result.adapter();
  }

  private TrainingOptions.Builder options(int ofRank) {
    LoraConfig lora = LoraConfig.of(ofRank, 2.0 * ofRank, TargetModule.outsideOfExperts());
    return TrainingOptions.of(lora).toBuilder().warmupShare(0.1).evaluationsPerEpoch(2).seed(seed);
  }

  private void measure(
      BaseModel model, ExampleEncoder encoder, List<Domain> domains, Optional<LoraAdapter> start) {
    TrainingOptions.Builder options =
        options(rank)
            .epochs(common == Common.NONE ? PASSES : PASSES / 2)
            .batchSize(batchSize)
            .learningRate(learningRate);
    if (common == Common.A) {
      options.learningRate(STILL).loraPlusRatio(learningRate / STILL);
    }
    LoraTrainer trainer = new LoraTrainer(model, options.build());
    Evaluator evaluator = new Evaluator(model, encoder);
    List<Double> losses = new ArrayList<>();
    List<Double> perplexities = new ArrayList<>();
    for (Domain domain : domains) {
      TrainingResult result =
          trainer.train(
              train(encoder, domain),
              selection(encoder, domain),
              new TrainingSession(start, Optional.empty(), TrainingListener.NONE));
      double perplexity = perplexity(model, evaluator, domain, result.adapter());
      losses.add(result.validationLoss());
      perplexities.add(perplexity);
      print(
          "%-10s selection loss %.4f, perplexity %.2f%n",
          domain.name(), result.validationLoss(), perplexity);
    }
    print(
        "mean       selection loss %.4f, perplexity %.3f%n",
        losses.stream().mapToDouble(loss -> loss).average().orElseThrow(),
        Scoring.geometricMean(perplexities));
  }

  private static double perplexity(
      BaseModel model, Evaluator evaluator, Domain domain, LoraAdapter adapter) {
    List<Example> held = domain.validation();
    List<Example> items = held.subList(0, Math.min(VALIDATION, held.size()));
    try (AppliedLora applied = model.load(adapter)) {
      return evaluator
          .perplexities(items, Collections.nCopies(items.size(), AdapterChoice.of(applied)))
          .stream()
          .reduce(Perplexity.NONE, Perplexity::plus)
          .value();
    }
  }

  private static List<EncodedExample> train(ExampleEncoder encoder, Domain domain) {
    return encoder.encode(domain.train().subList(0, EXAMPLES));
  }

  private static List<EncodedExample> selection(ExampleEncoder encoder, Domain domain) {
    return encoder.encode(domain.train().subList(EXAMPLES, EXAMPLES + SELECTION));
  }

  private void print(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format, values);
    out.flush();
  }
}
