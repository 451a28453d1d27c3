package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.UpdateRule;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import io.github.moa4j.training.personal.PersonalData;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every program that trains. A value of 0 stands for the program's own default. */
public final class TrainingArguments {

  private static final int GENERATED_EPOCHS = 1;
  private static final int GENERATED_BATCH_SIZE = 8;
  private static final int RANK = 16;
  private static final int EMBEDDED_RANK = 32;
  private static final double MUON_LEARNING_RATE = 2.5e-3; // on the embedded base

  @Option(
      names = "--epochs",
      description =
          "Passes over the training examples. Default: 3; of generated examples and in the"
              + " guides "
              + GENERATED_EPOCHS
              + ".")
  private int epochs;

  @Option(
      names = "--batch-size",
      description =
          "Examples an optimiser step. Default: 4; of generated examples and in the guides "
              + GENERATED_BATCH_SIZE
              + ".")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      description =
          "Peak learning rate. Default: 1.5e-3; of generated examples, on the embedded base, "
              + MUON_LEARNING_RATE
              + ".")
  private double learningRate;

  @Option(
      names = "--train-examples",
      description =
          "Use a domain's first so many examples. Default: all; Quickstart 500, or 6000 to"
              + " 23000 generated; guides 4000.")
  private int trainExamples;

  @Option(
      names = "--rank",
      description =
          "Rank of the adapters; alpha is twice that. Default: "
              + RANK
              + "; of generated examples, on the embedded base, "
              + EMBEDDED_RANK
              + ".")
  private int rank;

  @Option(
      names = "--dropout",
      defaultValue = "0",
      description = "LoRA dropout. Default: ${DEFAULT-VALUE}.")
  private double dropout;

  @Option(
      names = "--activated",
      description =
          "Train activated adapters, which apply from the opening of the answer on: all before it"
              + " is the base's own pass.")
  private boolean activated;

  @Option(
      names = "--checkpointing",
      description =
          "Compute activations again in the backward pass: less memory for 30 %% of the speed.")
  private boolean checkpointing;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of everything random. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--mask-personal-data",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "COUNTRIES",
      description =
          "Replace mail addresses, phone and card numbers, bank accounts and internet addresses in"
              + " the examples by [EMAIL] and the like; phone numbers without a country's code in"
              + " these countries, such as DE,US. Default: learn them.")
  private String maskPersonalData;

  @Mixin private final PrecisionArgument precision = new PrecisionArgument();

  @Mixin private final PrivacyArguments privacy = new PrivacyArguments();

  public long seed() {
    return seed;
  }

  /** Whether the number of examples is the program's own. */
  public boolean examplesLeftOpen() {
    return trainExamples == 0;
  }

  public WeightFormat weightFormat() {
    return precision.weightFormat();
  }

  /** The examples that routers learn a domain from: its own, unless these are private. */
  public List<Example> routerExamples(Domain domain) {
    return privacy.routerExamples(domain);
  }

  /** The domain as it is to be learnt: with personal data masked if the user asked for that. */
  public Domain prepared(Domain domain) {
    if (maskPersonalData == null) {
      return domain;
    }
    Set<String> regions =
        Arrays.stream(maskPersonalData.split(",", -1))
            .map(String::strip)
            .filter(region -> !region.isEmpty())
            .collect(Collectors.toSet());
    return domain.masked(Commands.valid(() -> new PersonalData(regions)));
  }

  /** A trainer with the settings; see {@link #settings}. */
  public MixtureTrainer trainer(OpenBase base, int defaultExamples) {
    return trainer(base, settings(defaultExamples));
  }

  /** A trainer on thousands of generated examples, each of which is seen once. */
  public MixtureTrainer generatedTrainer(OpenBase base, int defaultExamples) {
    return trainer(base, settings(generated(defaults(RANK)), defaultExamples));
  }

  /**
   * The same with the rank, by the rule and at the rate that the embedded base learns most with.
   */
  public MixtureTrainer embeddedTrainer(OpenBase base, int defaultExamples) {
    TrainingOptions defaults =
        generated(defaults(EMBEDDED_RANK)).toBuilder()
            .updateRule(UpdateRule.MUON)
            .learningRate(MUON_LEARNING_RATE)
            .build();
    return trainer(base, settings(defaults, defaultExamples));
  }

  private static TrainingOptions generated(TrainingOptions defaults) {
    return defaults.withEpochs(GENERATED_EPOCHS).withBatchSize(GENERATED_BATCH_SIZE);
  }

  private MixtureTrainer trainer(OpenBase base, MixtureTrainingSettings settings) {
    MixtureTrainer plain = base.trainer(settings);
    if (!activated) {
      return plain;
    }
    TrainingOptions options = settings.adapter();
    return base.trainer(
        settings.toBuilder()
            .adapter(
                options.toBuilder()
                    .lora(options.lora().withAloraInvocationTokens(plain.encoder().answerOpening()))
                    .build())
            .build());
  }

  /**
   * The settings; what the user left open is the library's default.
   *
   * @param defaultExamples of a domain at most; 0 for all
   */
  public MixtureTrainingSettings settings(int defaultExamples) {
    return settings(defaults(RANK), defaultExamples);
  }

  private TrainingOptions defaults(int defaultRank) {
    int used = rank == 0 ? defaultRank : rank;
    return Commands.valid(
        () ->
            TrainingOptions.of(
                LoraConfig.of(used, 2.0 * used, TargetModule.outsideOfExperts())
                    .withLoraDropout(dropout)));
  }

  private MixtureTrainingSettings settings(TrainingOptions defaults, int defaultExamples) {
    return Commands.valid(() -> make(defaults, defaultExamples));
  }

  private MixtureTrainingSettings make(TrainingOptions defaults, int defaultExamples) {
    TrainingOptions options =
        defaults.toBuilder()
            .epochs(epochs == 0 ? defaults.epochs() : epochs)
            .batchSize(batchSize == 0 ? defaults.batchSize() : batchSize)
            .learningRate(learningRate == 0 ? defaults.learningRate() : learningRate)
            .checkpointing(checkpointing)
            .seed(seed)
            .build();
    return MixtureTrainingSettings.of(privacy.applyTo(options)).toBuilder()
        .trainingExamples(trainExamples == 0 ? defaultExamples : trainExamples)
        .build();
  }
}
