package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.examples.study.measurement.ProcessMemory;
import io.github.moa4j.examples.study.measurement.Samples;
import io.github.moa4j.examples.study.process.Measurements;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Optimiser steps of rank 8 on all linear maps over 4 × 128 tokens, when asked, and the machine's
 * matrix product, so that both see the same machine.
 */
public final class TrainingSpeed {

  /** Tokens a second. */
  static final String TOKENS = "tokens";

  /** The same of 64 to 192 tokens a row, which differ from step to step. */
  static final String VARIED_TOKENS = "varied tokens";

  /** Tokens a second with differential privacy, of steps that draw all examples. */
  static final String PRIVATE_TOKENS = "private tokens";

  /** FLOP/s of the machine's matrix product. */
  static final String PRODUCT = "product";

  private static final int ROWS = 4;
  private static final int LENGTH = 128;

  /** Steps until the memory that a step needs is at hand, and is no more asked of the system. */
  private static final int WARM_UP = 2;

  private static final int STEPS = 6;
  private static final int VARIED_STEPS = 24;

  private final LoraTrainer trainer;
  private final LoraTrainer secret;
  private final List<EncodedExample> train;
  private final List<EncodedExample> varied;

  private TrainingSpeed(BaseModel model, boolean checkpointing) {
    LoraConfig lora =
        LoraConfig.of(ServingSpeed.RANK, 2.0 * ServingSpeed.RANK, Set.of(TargetModule.values()));
    TrainingOptions options =
        TrainingOptions.of(lora).toBuilder()
            .epochs(1)
            .batchSize(ROWS)
            .checkpointing(checkpointing)
            .build();
    this.trainer = new LoraTrainer(model, options);
    this.secret =
        new LoraTrainer(
            model, options.withEpochs(STEPS).withPrivacy(PrivacyOptions.withNoise(1, 1e-5)));
    this.train = examples(STEPS * ROWS, model.vocabSize(), LENGTH, LENGTH);
    this.varied = examples(VARIED_STEPS * ROWS, model.vocabSize(), LENGTH / 2, LENGTH + LENGTH / 2);
  }

  /** Arguments: checkpoint directory, format, whether activations are computed again. */
  public static void main(String[] args) {
    WeightFormat format = WeightFormat.valueOf(args[1]);
    try (BaseModel model = BaseModel.load(Path.of(args[0]), format)) {
      ModelConfig shape = model.config();
      TrainingSpeed speed = new TrainingSpeed(model, Boolean.parseBoolean(args[2]));
      new Measurements()
          .with(TOKENS, () -> speed.tokensPerSecond(speed.train))
          .with(VARIED_TOKENS, () -> speed.tokensPerSecond(speed.varied))
          .with(PRIVATE_TOKENS, speed::privateTokensPerSecond)
          .with(
              PRODUCT,
              () ->
                  format.productSpeed(ROWS * LENGTH, shape.hiddenSize(), shape.intermediateSize()))
          .with(ServingMemory.PEAK, () -> ProcessMemory.peak())
          .answer();
    }
  }

  private double tokensPerSecond(List<EncodedExample> examples) {
    Clock clock = new Clock();
    trainer.train(examples, examples.subList(0, 1), TrainingSession.fresh().withListener(clock));
    return clock.tokensPerSecond.median();
  }

  private double privateTokensPerSecond() {
    Clock clock = new Clock();
    secret.train(train.subList(0, ROWS), List.of(), TrainingSession.fresh().withListener(clock));
    return clock.tokensPerSecond.median();
  }

  /** Every token but the first is an answer token. */
  private static List<EncodedExample> examples(int count, int vocabulary, int least, int most) {
    Random random = new Random(1);
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = least + random.nextInt(most - least + 1);
      examples.add(new EncodedExample(Tokens.random(length, vocabulary, i), 1));
    }
    return examples;
  }

  /** Times the steps after those that warm up. */
  private static final class Clock implements TrainingListener {

    private final Samples tokensPerSecond = new Samples();
    private long start;

    @Override
    public void onStep(TrainingStep step) {
      if (step.step() > WARM_UP) {
        tokensPerSecond.add(Tokens.perSecond(step.tokens(), start));
      }
      start = System.nanoTime();
    }
  }
}
