package io.github.moa4j.examples.study.quality;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.Perplexity;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Perplexity of held-out answers with the base in each format: of the base alone, of adapters that
 * were trained on the base in the first format, and of those that were trained in the same format.
 */
public final class FormatPerplexities {

  private static final int RANK = 16;

  private final Path base;
  private final List<WeightFormat> formats;
  private final List<Domain> domains;
  private final TrainingOptions options;
  private final int trainingExamples;
  private final PrintWriter out;

  /**
   * Prepares a run.
   *
   * @param formats the first is what the others are compared with
   * @param domains with as many validation examples as are to be measured
   * @param trainingExamples that an adapter learns from
   */
  public FormatPerplexities(
      Path base,
      List<WeightFormat> formats,
      List<Domain> domains,
      int trainingExamples,
      int epochs,
      PrintWriter out) {
    this.base = base;
    this.formats = List.copyOf(formats);
    this.domains = List.copyOf(domains);
    this.trainingExamples = trainingExamples;
    this.options =
        TrainingOptions.of(LoraConfig.of(RANK, 2.0 * RANK, TargetModule.outsideOfExperts()))
            .withEpochs(epochs)
            .withBatchSize(16)
            .withLearningRate(2e-3);
    this.out = out;
  }

  /** Trains, measures and prints. */
  public void measure() {
    Map<WeightFormat, Map<String, LoraAdapter>> trained = new LinkedHashMap<>();
    for (WeightFormat format : formats) {
      trained.put(format, train(format));
    }
    Map<String, Map<String, Perplexity>> columns = new LinkedHashMap<>();
    WeightFormat reference = formats.get(0);
    for (WeightFormat format : formats) {
      try (OpenBase opened = OpenBase.load(Optional.of(base), format)) {
        columns.put(format + ", base alone", measure(opened, Map.of()));
        columns.put(format + ", trained on " + reference, measure(opened, trained.get(reference)));
        if (format != reference) {
          columns.put(format + ", trained on " + format, measure(opened, trained.get(format)));
        }
      }
    }
    print(columns);
  }

  private Map<String, LoraAdapter> train(WeightFormat format) {
    Map<String, LoraAdapter> adapters = new LinkedHashMap<>();
    try (OpenBase opened = OpenBase.load(Optional.of(base), format)) {
      MixtureTrainer trainer =
          opened.trainer(
              MixtureTrainingSettings.of(options).toBuilder()
                  .trainingExamples(trainingExamples)
                  .build());
      for (Domain domain : domains) {
        adapters.put(domain.name(), trainer.train(domain).training().adapter());
      }
    }
    return adapters;
  }

  /** A domain without an adapter is measured with the base alone. */
  private Map<String, Perplexity> measure(OpenBase opened, Map<String, LoraAdapter> adapters) {
    Evaluator evaluator =
        new Evaluator(
            opened.model(), opened.trainer(MixtureTrainingSettings.of(options)).encoder());
    Map<String, Perplexity> perplexities = new LinkedHashMap<>();
    for (Domain domain : domains) {
      LoraAdapter adapter = adapters.get(domain.name());
      if (adapter == null) {
        perplexities.put(
            domain.name(), measure(evaluator, domain.validation(), AdapterChoice.base()));
      } else {
        try (AppliedLora applied = opened.model().load(adapter)) {
          perplexities.put(
              domain.name(), measure(evaluator, domain.validation(), AdapterChoice.of(applied)));
        }
      }
    }
    return perplexities;
  }

  private static Perplexity measure(
      Evaluator evaluator, List<Example> examples, AdapterChoice choice) {
    return evaluator.perplexities(examples, Collections.nCopies(examples.size(), choice)).stream()
        .reduce(Perplexity.NONE, Perplexity::plus);
  }

  private void print(Map<String, Map<String, Perplexity>> columns) {
    List<String> titles = new ArrayList<>(List.of("perplexity"));
    titles.addAll(columns.keySet());
    MarkdownTable table =
        new MarkdownTable(out, "What formats cost in quality", titles.toArray(String[]::new));
    for (Domain domain : domains) {
      table.row(row(domain.name(), columns, column -> column.get(domain.name()).value()));
    }
    table.row(
        row("(geometric mean)", columns, column -> Perplexity.geometricMean(column.values())));
  }

  private static Object[] row(
      String title, Map<String, Map<String, Perplexity>> columns, Figure figure) {
    List<Object> cells = new ArrayList<>(List.of(title));
    columns.values().forEach(column -> cells.add(MarkdownTable.exact(figure.of(column))));
    return cells.toArray();
  }

  private interface Figure {
    double of(Map<String, Perplexity> column);
  }
}
