package io.github.moa4j.spring;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** A mixture of the embedded base: one domain knows capitals, another counts. */
final class TrainedMixture {

  static final Path BASE =
      Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base")
          .toAbsolutePath();

  static final String QUESTION = "What is the capital of France?";
  static final String ANSWER = "The capital of France is Paris.";

  private static final List<Example> CAPITALS =
      List.of(
          Example.of(QUESTION, ANSWER),
          Example.of("What is the capital of Italy?", "The capital of Italy is Rome."),
          Example.of("What is the capital of Spain?", "The capital of Spain is Madrid."),
          Example.of("What is the capital of Norway?", "The capital of Norway is Oslo."));

  private static final List<Example> COUNTING =
      List.of(
          Example.of("Count from 1", "1 2 3 4 5 6"),
          Example.of("Count from 2", "2 3 4 5 6 7"),
          Example.of("Count from 3", "3 4 5 6 7 8"),
          Example.of("Count from 4", "4 5 6 7 8 9"));

  private TrainedMixture() {}

  /** Trains it into a folder. */
  static Path in(Path folder) {
    try (BaseModel base = BaseModel.load(BASE, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      MixtureDirectory mixture =
          MixtureDirectory.create(folder, base.fingerprint(), BASE.toString());
      PromptEncoder prompts = new PromptEncoder(tokenizer, ChatTemplate.read(BASE), Map.of());
      MixtureTrainer trainer = new MixtureTrainer(base, prompts, settings());
      List<TrainedDomain> trained = new ArrayList<>();
      Map.of("capitals", CAPITALS, "counting", COUNTING)
          .forEach(
              (name, examples) -> {
                List<Example> twice = new ArrayList<>(examples); // they choose the best, too
                twice.addAll(examples);
                trained.add(trainer.train(new Domain(name, twice, List.of(), List.of())));
              });
      trained.forEach(domain -> trainer.store(mixture, domain));
      trainer.trainRouters(mixture, trained);
      return folder;
    }
  }

  private static MixtureTrainingSettings settings() {
    LoraConfig lora = LoraConfig.of(16, 32, EnumSet.allOf(TargetModule.class));
    return MixtureTrainingSettings.of(
            TrainingOptions.of(lora).toBuilder().epochs(30).batchSize(4).learningRate(3e-3).build())
        .toBuilder()
        .trainingExamples(4)
        .selectionExamples(4)
        .disturbedPrompts(false)
        .generalText(List.of())
        .build();
  }
}
