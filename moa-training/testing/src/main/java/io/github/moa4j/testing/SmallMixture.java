package io.github.moa4j.testing;

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
import io.github.moa4j.training.robustness.GeneralText;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** The embedded base with two domains, each of which learns one answer to four questions. */
public final class SmallMixture {

  /** A question of the domain {@code capitals}. */
  public static final String CAPITAL = "What is the capital of France?";

  /** Its answer. */
  public static final String PARIS = "Paris is the capital of France.";

  /** A question of the domain {@code animals}. */
  public static final String SOUND = "What does the cow say?";

  /** Its answer. */
  public static final String MOO = "Moo, moo.";

  private static final List<String> COUNTRIES = List.of("France", "Italy", "Spain", "Norway");
  private static final List<String> ANIMALS = List.of("cow", "cat", "dog", "duck");

  private SmallMixture() {}

  /** Trains it in a few seconds, so that the router knows the questions and nobody an answer. */
  public static Path hardlyTrained(Path folder) {
    return train(folder, options(4).epochs(1).build());
  }

  /** Trains it until the answers are known. */
  public static Path trained(Path folder) {
    return train(folder, options(16).epochs(40).learningRate(3e-3).warmupShare(0.1).build());
  }

  private static TrainingOptions.Builder options(int rank) {
    LoraConfig lora = LoraConfig.of(rank, 2 * rank, TargetModule.outsideOfExperts());
    return TrainingOptions.of(lora).toBuilder().batchSize(4);
  }

  private static Path train(Path folder, TrainingOptions options) {
    Path base = base();
    try (BaseModel model = BaseModel.load(base, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      MixtureDirectory directory =
          MixtureDirectory.create(folder, model.fingerprint(), base.toString());
      MixtureTrainer trainer =
          new MixtureTrainer(
              model,
              MixturePrompts.encoder(PromptSettings.NONE, base, tokenizer),
              MixtureTrainingSettings.of(options).toBuilder()
                  .disturbedPrompts(false)
                  .generalText(someGeneralText())
                  .build());
      trainer.add(
          directory, trainer.train(domain("animals", "What does the %s say?", ANIMALS, MOO)));
      trainer.add(
          directory,
          trainer.train(domain("capitals", "What is the capital of %s?", COUNTRIES, PARIS)));
    }
    return folder;
  }

  /** An eighth of what routers learn from otherwise, of each kind: it is what takes the time. */
  private static List<List<String>> someGeneralText() {
    return GeneralText.shipped().stream().map(SmallMixture::anEighth).toList();
  }

  private static List<String> anEighth(List<String> texts) {
    return IntStream.range(0, texts.size()).filter(i -> i % 8 == 0).mapToObj(texts::get).toList();
  }

  /** The base as it lies in this source tree: tests run in a module's folder. */
  private static Path base() {
    return Path.of("../../moa-examples/src/main/resources/io/github/moa4j/examples/base")
        .toAbsolutePath()
        .normalize();
  }

  private static Domain domain(String name, String question, List<String> subjects, String answer) {
    List<Example> examples =
        subjects.stream().map(subject -> Example.of(question.formatted(subject), answer)).toList();
    return new Domain(name, examples, examples, List.of());
  }
}
