package io.github.moa4j.spark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.MixturePrompts;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;

/** Three small domains, and the mixture that one machine trains of them. */
final class OneMachine {

  static final Path BASE =
      Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base")
          .toAbsolutePath()
          .normalize();

  private static final Path FOLDER = folder();

  /** A folder of domains; the one named "rivers" takes longest. */
  static final Path DOMAINS = domains(FOLDER.resolve("domains"));

  /** What an application without a cluster trains of them, in this JVM. */
  static final Path MIXTURE = mixture(DOMAINS, FOLDER.resolve("mixture"));

  private OneMachine() {}

  private static Path folder() {
    try {
      return Files.createTempDirectory(Path.of("target"), "one-machine-").toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MixtureTrainingSettings settings() {
    TrainingOptions options =
        TrainingOptions.of(LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class))).toBuilder()
            .epochs(2)
            .batchSize(2)
            .seed(5)
            .build();
    return MixtureTrainingSettings.of(options).toBuilder()
        .disturbedPrompts(false)
        .generalText(
            List.of(List.of("The weather is fine today.", "Who wrote this?", "I like tea.")))
        .build();
  }

  private static Path domains(Path folder) {
    Domains.write(
        folder,
        List.of(
            domain("animals", "What does animal %d say?", 8),
            domain("capitals", "Name the capital of country %d.", 8),
            domain("rivers", "Where does river %d flow?", 40)));
    return folder;
  }

  static Domain domain(String name, String question, int examples) {
    List<Example> train =
        IntStream.range(0, examples)
            .mapToObj(i -> Example.of(question.formatted(i), "Number " + i + " does."))
            .toList();
    return new Domain(name, train, List.of(), List.of());
  }

  private static Path mixture(Path domains, Path mixture) {
    try (BaseModel model = BaseModel.load(BASE, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      MixtureDirectory directory =
          MixtureDirectory.create(mixture, model.fingerprint(), BASE.toString());
      MixtureTrainer trainer =
          new MixtureTrainer(
              model, MixturePrompts.encoder(PromptSettings.NONE, BASE, tokenizer), settings());
      List<TrainedDomain> trained = new ArrayList<>();
      for (Domain domain : Domains.read(domains)) {
        trained.add(trainer.train(domain));
        trainer.store(directory, trained.get(trained.size() - 1));
      }
      trainer.trainRouters(directory, trained);
    }
    return mixture;
  }
}
