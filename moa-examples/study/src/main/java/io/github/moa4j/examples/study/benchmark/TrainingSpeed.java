package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.ComputeType;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Optimiser steps of rank 8 on all linear maps over 4 × 128 tokens, and between them the machine's
 * matrix product, so that both see the same machine.
 */
public final class TrainingSpeed {

  private static final int ROWS = 4;
  private static final int LENGTH = 128;
  private static final int RANK = 8;

  private TrainingSpeed() {}

  /** Arguments: checkpoint directory, number of runs, compute type. */
  public static void main(String[] args) {
    int runs = Integer.parseInt(args[1]);
    try (BaseModel model = BaseModel.load(Path.of(args[0]), ComputeType.valueOf(args[2]));
        Machine machine = new Machine(model.unwrap(Decoder.class).newScope())) {
      machine.matmul();
      Clock clock = new Clock(machine);
      LoraConfig lora = LoraConfig.of(RANK, 2.0 * RANK, Set.of(TargetModule.values()));
      TrainingOptions options = TrainingOptions.of(lora).withEpochs(1).withBatchSize(ROWS);
      List<EncodedExample> train = examples((runs + 1) * ROWS);
      new LoraTrainer(model, options)
          .train(train, examples(1), TrainingSession.fresh().withListener(clock));
      clock.report();
    }
    ChildJvm.report("peak", (double) ProcessMemory.peak());
  }

  /** Every token but the first is an answer token. */
  private static List<EncodedExample> examples(int count) {
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(new EncodedExample(Decoding.randomTokens(LENGTH, i), 1));
    }
    return examples;
  }

  /** Times the steps after the first. */
  private static final class Clock implements TrainingListener {

    private final Machine machine;
    private final Samples tokensPerSecond = new Samples();
    private final Samples matmul = new Samples();
    private long start;

    Clock(Machine machine) {
      this.machine = machine;
    }

    @Override
    public void onStep(TrainingStep step) {
      if (step.step() > 1) {
        tokensPerSecond.add(step.tokens() * 1e9 / (System.nanoTime() - start));
        matmul.add(machine::matmul);
      }
      start = System.nanoTime();
    }

    void report() {
      ChildJvm.report("tokens", tokensPerSecond.median());
      ChildJvm.report("matmul", matmul.median());
    }
  }
}
