package io.github.moa4j.examples.guides;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.domains.GeneratedDomain;
import io.github.moa4j.examples.domains.GeneratedExamples;
import io.github.moa4j.examples.measurement.AnsweringAdapters;
import io.github.moa4j.examples.training.Training;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.ExactMatch;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the three examples do: train an adapter, keep it, and show what it answers. */
final class WorkedExample {

  private static final int EXAMPLES = 4000;
  private static final int SELECTION = 100;
  private static final int HELD_OUT = 60;
  private static final int MAX_NEW_TOKENS = 96;
  private static final int SAMPLES = 4;

  @Mixin private final BaseArgument base = new BaseArgument();

  @Option(
      names = "--output",
      defaultValue = "moa-guides",
      description = "Where the adapter goes, in a folder of its name. Default: ${DEFAULT-VALUE}.")
  private Path output = Path.of("moa-guides");

  @Option(
      names = "--data",
      description =
          "A folder with train.jsonl and, to measure on, validation.jsonl of your own. Default:"
              + " generated ones.")
  private Optional<Path> data = Optional.empty();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  /** Trains on what a grammar makes, or on the user's own records. */
  int run(GeneratedDomain generated, PrintWriter out) {
    GeneratedExamples examples = generated.generate(1, HELD_OUT, training.seed());
    Domain domain =
        training.prepared(
            data.map(Domain::read)
                .orElseGet(
                    () -> generated.toDomain(EXAMPLES + SELECTION, HELD_OUT, training.seed())));
    try (OpenBase opened = OpenBase.load(base.directory(), training.weightFormat())) {
      MixtureTrainer trainer =
          base.directory().isPresent()
              ? training.generatedTrainer(opened, EXAMPLES)
              : training.embeddedTrainer(opened, EXAMPLES);
      Files.createDirectories(output);
      Path folder = output.resolve(domain.name());
      Path state = output.resolve("training-" + domain.name() + ".safetensors");
      Optional<LoraAdapter> start =
          base.directory().isPresent()
              ? Optional.empty()
              : EmbeddedBase.start(
                  output.resolve("start"), opened.model().config(), trainer.settings().adapter());
      TrainedDomain trained =
          Training.run(trainer, domain, training.routerExamples(domain), start, state, out);
      trainer.write(trained, folder);
      Files.deleteIfExists(state);
      try (AnsweringAdapters adapter = AnsweringAdapters.of(opened.model(), Optional.of(folder))) {
        Evaluator evaluator = new Evaluator(opened.model(), trainer.encoder());
        if (domain.validation().isEmpty()) {
          out.println("Records held out: not measured, there is no validation.jsonl");
        } else {
          show("Records held out", domain.validation(), evaluator, adapter, out);
        }
        if (data.isEmpty()) {
          show("Records in wordings never seen", examples.unseen(), evaluator, adapter, out);
        }
      }
      out.printf("The adapter: %s%n", folder);
      return 0;
    } catch (IOException e) {
      throw new MoaException("Cannot write " + output + ": " + Failure.reason(e) + ".", e);
    }
  }

  private static void show(
      String title,
      List<Example> items,
      Evaluator evaluator,
      AnsweringAdapters adapter,
      PrintWriter out) {
    List<String> answers =
        evaluator.answers(
            items,
            items.stream()
                .map(item -> adapter.choice(Optional.empty(), evaluator.prompt(item)))
                .toList(),
            MAX_NEW_TOKENS);
    ExactMatch exact = ExactMatch.NONE;
    StringBuilder samples = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      String expected = evaluator.reference(items.get(i));
      exact = exact.plus(expected, answers.get(i));
      if (i < SAMPLES) {
        samples.append(
            "  %s%n    -> %s%s%n"
                .formatted(
                    items.get(i).prompt().get(0).content(),
                    answers.get(i).strip(),
                    ExactMatch.matches(expected, answers.get(i)) ? "" : "   WRONG: " + expected));
      }
    }
    out.printf(
        Locale.ROOT,
        "%s: %.2f of %d exactly right%n%s",
        title,
        exact.share(),
        items.size(),
        samples);
    out.flush();
  }
}
