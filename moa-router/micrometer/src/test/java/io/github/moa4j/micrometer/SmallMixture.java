package io.github.moa4j.micrometer;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.MixturePrompts;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/** The embedded base with two domains that have learnt next to nothing but where they belong. */
final class SmallMixture {

  private static final Path BASE =
      Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base");

  private SmallMixture() {}

  /** Writes it into a folder. */
  static Path in(Path mixture) {
    TrainingOptions options =
        TrainingOptions.of(LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class))).toBuilder()
            .epochs(1)
            .batchSize(4)
            .build();
    Path base = BASE.toAbsolutePath().normalize();
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
          trainer.train(domain("animals", "What does the %s say?", "cow", "cat", "dog", "duck")));
      trainer.add(
          directory,
          trainer.train(
              domain(
                  "capitals", "What is the capital of %s?", "France", "Italy", "Spain", "Norway")));
    }
    return mixture;
  }

  private static Domain domain(String name, String question, String... subjects) {
    List<Example> examples =
        List.of(subjects).stream()
            .map(subject -> Example.of(question.formatted(subject), "I know."))
            .toList();
    return new Domain(name, examples, examples, List.of());
  }
}
