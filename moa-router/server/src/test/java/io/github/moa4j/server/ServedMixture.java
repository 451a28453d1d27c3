package io.github.moa4j.server;

import ai.djl.util.Utils;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.MixturePrompts;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/** The embedded base with two domains that have learnt one answer each, opened once. */
final class ServedMixture {

  static final String CAPITAL = "What is the capital of France?";
  static final String SOUND = "What does the cow say?";

  private static final Path BASE =
      Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base");

  private static final List<String> COUNTRIES = List.of("France", "Italy", "Spain", "Norway");
  private static final List<String> ANIMALS = List.of("cow", "cat", "dog", "duck");

  private ServedMixture() {}

  /** The one that all tests of this process share. */
  static MixtureOfLoras shared() {
    return Shared.MIXTURE;
  }

  /** Where it lies. */
  static Path directory() {
    return shared().directory().directory();
  }

  private static final class Shared {

    static final MixtureOfLoras MIXTURE = open();
  }

  private static MixtureOfLoras open() {
    try {
      Path folder = Files.createTempDirectory("moa4j-served");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Utils.deleteQuietly(folder)));
      train(folder.resolve("mixture"));
      return MixtureOfLoras.builder(folder.resolve("mixture")).open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void train(Path mixture) {
    Path base = BASE.toAbsolutePath().normalize();
    TrainingOptions options =
        TrainingOptions.of(LoraConfig.of(16, 32, EnumSet.allOf(TargetModule.class))).toBuilder()
            .epochs(40)
            .batchSize(4)
            .learningRate(3e-3)
            .warmupShare(0.1)
            .build();
    try (BaseModel model = BaseModel.load(base, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      MixtureDirectory directory =
          MixtureDirectory.create(mixture, model.fingerprint(), base.toString());
      MixtureTrainer trainer =
          new MixtureTrainer(
              model,
              MixturePrompts.encoder(PromptSettings.NONE, base, tokenizer),
              MixtureTrainingSettings.of(options).toBuilder().disturbedPrompts(false).build());
      trainer.add(
          directory,
          trainer.train(domain("animals", "What does the %s say?", ANIMALS, "Moo, moo.")));
      trainer.add(
          directory,
          trainer.train(
              domain(
                  "capitals",
                  "What is the capital of %s?",
                  COUNTRIES,
                  "Paris is the capital of France.")));
    }
  }

  private static Domain domain(String name, String question, List<String> subjects, String answer) {
    List<Example> examples =
        subjects.stream().map(subject -> Example.of(question.formatted(subject), answer)).toList();
    return new Domain(name, examples, examples, List.of());
  }
}
