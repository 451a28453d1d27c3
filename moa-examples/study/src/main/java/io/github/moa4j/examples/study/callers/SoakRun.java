package io.github.moa4j.examples.study.callers;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.generation.TextStream;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.examples.study.measurement.MemoryLog;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Requests of every kind, then training, on one model. Owns native memory. */
public final class SoakRun implements AutoCloseable {

  /** Live arrays at the end less those after the warm-up. */
  public static final String ARRAYS_GROWN = "arrays";

  /** Slope of resident memory over the requests. */
  public static final String BYTES_A_REQUEST = "request";

  /** Slope of resident memory over the training steps: the median of three runs. */
  public static final String BYTES_A_STEP = "step";

  private static final int MAX_PROMPT = 300;
  private static final int MAX_ANSWER = 12;
  private static final int BATCH = 4;

  /** One jump of a megabyte looks like a slope over some hundred steps; it does not come thrice. */
  private static final int TRAINING_RUNS = 3;

  private final BaseModel model;
  private final TextTokenizer tokenizer;
  private final TextGenerator generator;
  private final LoraConfig lora = LoraConfig.of(8, 16, Set.of(TargetModule.values()));
  private final AppliedLora adapter;
  private final SplittableRandom random = new SplittableRandom(1);

  private SoakRun(Path directory) {
    model = BaseModel.load(directory, WeightFormat.F32);
    tokenizer = TextTokenizer.open(directory);
    generator = new TextGenerator(model, tokenizer);
    adapter = model.load(LoraInitialization.random(model.config(), lora, 1));
  }

  /** Arguments: directory of the base, warm-up requests and steps, requests, steps. */
  public static void main(String[] args) {
    int requests = Integer.parseInt(args[2]);
    int steps = Integer.parseInt(args[3]);
    try (SoakRun run = new SoakRun(Path.of(args[0]))) {
      int warmUp = Integer.parseInt(args[1]);
      run.answer(warmUp, "warm-up");
      run.train(warmUp, "warm-up");
      int arrays = MemoryLog.liveArrays(run.model);
      ChildJvm.report(BYTES_A_REQUEST, run.answer(requests, "requests"));
      double[] slopes = new double[TRAINING_RUNS];
      for (int i = 0; i < slopes.length; i++) {
        slopes[i] = run.train(steps, "steps");
      }
      Arrays.sort(slopes);
      ChildJvm.report(BYTES_A_STEP, slopes[TRAINING_RUNS / 2]);
      ChildJvm.report(ARRAYS_GROWN, MemoryLog.liveArrays(run.model) - arrays);
    }
  }

  /** Returns the slope of resident memory in bytes a request. */
  private double answer(int requests, String unit) {
    MemoryLog log = new MemoryLog(model, unit, requests);
    for (int i = 1; i <= requests; i++) {
      if (i % 7 == 0) {
        cancel();
      } else if (i % 11 == 0) {
        exceedContext();
      } else if (i % 13 == 0) {
        generator.generate(List.of(request(), request(), request()));
      } else {
        generator.generate(request(), text -> {});
      }
      log.after(i);
    }
    return log.bytesAnEvent();
  }

  private GenerationRequest request() {
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(1 + random.nextInt(MAX_ANSWER))
            .temperature(random.nextInt(2))
            .seed(random.nextLong())
            .build();
    AdapterChoice choice = random.nextBoolean() ? AdapterChoice.base() : AdapterChoice.of(adapter);
    return new GenerationRequest(tokens(1 + random.nextInt(MAX_PROMPT)), choice, options);
  }

  private void cancel() {
    try (TextStream stream = generator.stream(request())) {
      if (stream.hasNext()) {
        stream.next();
      }
    }
  }

  private void exceedContext() {
    int[] prompt = tokens(model.contextLength());
    try {
      generator.generate(
          new GenerationRequest(prompt, AdapterChoice.base(), GenerationOptions.greedy(1)),
          text -> {});
      throw new IllegalStateException("A prompt as long as the context was accepted");
    } catch (ContextLengthException expected) {
      // That is the error this request is to end with.
    }
  }

  /** Returns the slope of resident memory in bytes a step. */
  private double train(int steps, String unit) {
    MemoryLog log = new MemoryLog(model, unit, steps);
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < steps * BATCH; i++) {
      examples.add(new EncodedExample(tokens(8 + random.nextInt(56)), 4));
    }
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            log.after(step.step());
          }
        };
    TrainingOptions options = TrainingOptions.of(lora).withEpochs(1).withBatchSize(BATCH);
    new LoraTrainer(model, options)
        .train(
            examples, examples.subList(0, BATCH), TrainingSession.fresh().withListener(listener));
    return log.bytesAnEvent();
  }

  private int[] tokens(int count) {
    return random.ints(count, 1, model.vocabSize()).toArray();
  }

  @Override
  public void close() {
    generator.close();
    adapter.close();
    tokenizer.close();
    model.close();
  }
}
