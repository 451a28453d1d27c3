package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.evaluation.AnswerLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraTrainerTest {

  private static final Path GOLDEN = Path.of("../moa-core/src/test/resources/golden");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-gqa",
        "qwen2-tied",
        "qwen3-qknorm",
        "llama3-rope",
        "llama-dora",
        "qwen2-lora-bias",
        "granite-multipliers",
        "smollm3-nope",
        "ministral-layertypes",
        "phi3-fused",
        "olmo2-postnorm",
        "gemma2-softcap",
        "gemma3-windows"
      })
  void followsTheReferenceLossesOfTenAdamWSteps(String name) {
    Path directory = GOLDEN.resolve(name);
    try (BaseModel model = BaseModel.load(directory, WeightFormat.F32);
        SafetensorsFile golden = SafetensorsFile.open(directory.resolve("golden.safetensors"))) {
      LoraAdapter start = PeftFormat.read(directory.resolve("adapter"));
      TrainingOptions options =
          TrainingOptions.of(start.config()).toBuilder()
              .epochs(10)
              .batchSize(2)
              .learningRate(1e-2)
              .warmupShare(0)
              .finalLearningRateShare(1)
              .weightDecay(0.01)
              .maxGradientNorm(0)
              .seed(1)
              .build();
      List<EncodedExample> examples = examples(golden);

      TrainingResult result =
          new LoraTrainer(model, options)
              .train(examples, examples, TrainingSession.fresh().withWarmStart(start));

      float[] expected = golden.tensor("adamw_losses").toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        assertThat(result.losses().get(i)).isCloseTo(expected[i], within(1e-3 * expected[i]));
      }
    }
  }

  @Test
  void refusesToTrainWhatIsNeitherANorBNorOfThem() {
    Path zoo = Path.of("../moa-core/src/test/resources/zoo/llama");
    LoraAdapter start = PeftFormat.read(zoo.resolve("save-head"));
    List<EncodedExample> examples = List.of(new EncodedExample(new int[] {3, 4, 5}, 1));
    try (BaseModel model = BaseModel.load(zoo.resolve("base"), WeightFormat.F32)) {
      LoraTrainer trainer = new LoraTrainer(model, TrainingOptions.of(start.config()));
      TrainingSession session = TrainingSession.fresh().withWarmStart(start);
      assertThatThrownBy(() -> trainer.train(examples, examples, session))
          .isInstanceOf(AdapterException.class)
          .hasMessageContainingAll("cannot be trained further", "lm_head");
    }
  }

  private static List<EncodedExample> examples(SafetensorsFile golden) {
    long[] ids = golden.tensor("input_ids").toLongArray();
    long[] labels = golden.tensor("labels").toLongArray();
    int length = (int) golden.shape("input_ids")[1];
    List<EncodedExample> examples = new ArrayList<>();
    for (int row = 0; row < ids.length / length; row++) {
      int from = row * length;
      int[] tokens = Arrays.stream(ids, from, from + length).mapToInt(Math::toIntExact).toArray();
      int prompt = 0;
      while (labels[from + prompt] < 0) {
        prompt++;
      }
      examples.add(new EncodedExample(tokens, prompt));
    }
    return examples;
  }

  private static List<EncodedExample> randomExamples(int count, long seed) {
    Random random = new Random(seed);
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] tokens = random.ints(6 + random.nextInt(10), 3, 500).toArray();
      examples.add(new EncodedExample(tokens, 1 + random.nextInt(4)));
    }
    return examples;
  }

  private static TrainingOptions options(double dropout) {
    LoraConfig lora =
        LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class)).withLoraDropout(dropout);
    return TrainingOptions.of(lora).toBuilder()
        .batchSize(4)
        .accumulationSteps(2)
        .learningRate(1e-3)
        .warmupShare(0.2)
        .weightDecay(0.01)
        .evaluationsPerEpoch(2)
        .seed(7)
        .build();
  }

  @Test
  void sameSeedGivesTheSameAdapterBitForBit() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      LoraTrainer trainer = new LoraTrainer(model, options(0.1));
      List<EncodedExample> train = randomExamples(30, 1);
      List<EncodedExample> validation = randomExamples(8, 2);

      TrainingResult first = trainer.train(train, validation);
      TrainingResult second = trainer.train(train, validation);

      assertThat(second.adapter().sha256()).isEqualTo(first.adapter().sha256());
      assertThat(second.losses()).isEqualTo(first.losses());
      TrainingOptions other = options(0.1).withSeed(8);
      assertThat(new LoraTrainer(model, other).train(train, validation).adapter().sha256())
          .isNotEqualTo(first.adapter().sha256());
    }
  }

  @Test
  void interruptedRunGoesOnToTheIdenticalAdapter(@TempDir Path folder) {
    Path state = folder.resolve("state.safetensors");
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("qwen3-qknorm"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(30, 1);
      List<EncodedExample> validation = randomExamples(8, 2);
      TrainingResult whole = new LoraTrainer(model, options(0.2)).train(train, validation);

      TrainingListener killer =
          new TrainingListener() {
            @Override
            public void onStep(TrainingStep step) {
              if (step.step() == 7) {
                throw new IllegalStateException("stopped from outside");
              }
            }
          };
      assertThatThrownBy(
              () ->
                  new LoraTrainer(model, options(0.2))
                      .train(
                          train,
                          validation,
                          TrainingSession.fresh().withStateFile(state).withListener(killer)))
          .hasMessage("stopped from outside");
      assertThat(state).exists();
      TrainingResult resumed =
          new LoraTrainer(model, options(0.2))
              .train(train, validation, TrainingSession.fresh().withStateFile(state));

      assertThat(resumed.losses()).isEqualTo(whole.losses());
      assertThat(resumed.evaluations()).isEqualTo(whole.evaluations());
      assertThat(resumed.adapter().sha256()).isEqualTo(whole.adapter().sha256());
    }
  }

  @Test
  void loraPlusMovesBFasterThanA() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(8, 1);
      TrainingOptions plain =
          options(0).toBuilder().epochs(1).warmupShare(0).weightDecay(0).build();
      LoraAdapter start = LoraInitialization.random(model.config(), plain.lora(), plain.seed());
      LoraAdapter one = new LoraTrainer(model, plain).train(train, train).adapter();
      LoraAdapter plus =
          new LoraTrainer(model, plain.toBuilder().loraPlusRatio(8).build())
              .train(train, train)
              .adapter();

      // AdamW's first step is the learning rate, whatever the gradient; A's gradient is zero in it.
      for (String key : start.tensors().keySet()) {
        double ratio = key.contains("lora_B") ? 8 : 1;
        assertThat(largestMove(start, plus, key))
            .as(key)
            .isCloseTo(ratio * largestMove(start, one, key), withinPercentage(0.1));
      }
    }
  }

  private static double largestMove(LoraAdapter from, LoraAdapter to, String key) {
    float[] before = from.tensors().get(key).toFloatArray();
    float[] after = to.tensors().get(key).toFloatArray();
    double largest = 0;
    for (int i = 0; i < before.length; i++) {
      largest = Math.max(largest, Math.abs(after[i] - before[i]));
    }
    return largest;
  }

  @Test
  void everyDomainCountsTheSameInWhatChoosesAMixedAdapter() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      LoraTrainer trainer = new LoraTrainer(model, options(0));
      List<EncodedExample> one = randomExamples(6, 1);
      List<EncodedExample> other = randomExamples(18, 2);
      List<List<EncodedExample>> domains = List.of(one, other);

      TrainingResult mixed = trainer.trainMixed(domains, domains, TrainingSession.fresh());

      double sum = 0;
      try (AppliedLora weights = model.load(mixed.adapter())) {
        for (List<EncodedExample> domain : domains) {
          List<AdapterChoice> choices =
              Collections.nCopies(domain.size(), AdapterChoice.of(weights));
          sum +=
              SelectionLoss.of(
                      AnswerLoss.perToken(model, domain, choices, 8), List.of(domain.size()))
                  .mean();
        }
      }
      assertThat(mixed.validationLoss()).isCloseTo(sum / 2, within(1e-5));
    }
  }

  @Test
  void adaptersTrainedTogetherBecomeWhatTheyBecomeAlone() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      LoraTrainer trainer = new LoraTrainer(model, options(0.1));
      List<LoraTrainer.Course> courses = new ArrayList<>();
      for (int domain = 0; domain < 3; domain++) {
        courses.add(
            new LoraTrainer.Course(
                randomExamples(10 + 9 * domain, domain),
                randomExamples(4, 10 + domain),
                TrainingSession.fresh()));
      }
      List<TrainingResult> together = trainer.trainTogether(courses);
      for (int domain = 0; domain < 3; domain++) {
        LoraTrainer.Course course = courses.get(domain);
        TrainingResult alone = trainer.train(course.train(), course.validation());
        TrainingResult own = together.get(domain);
        assertThat(own.losses()).hasSameSizeAs(alone.losses());
        for (int step = 0; step < alone.losses().size(); step++) {
          assertThat(own.losses().get(step)).isCloseTo(alone.losses().get(step), within(1e-3));
        }
        assertThat(own.validationLoss()).isCloseTo(alone.validationLoss(), within(1e-3));
      }
    }
  }

  @Test
  void aRunThatFailsDoesNotHoldUpThoseBesideIt() {
    List<Integer> steps = Collections.synchronizedList(new ArrayList<>());
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            steps.add(step.step());
          }
        };
    TrainingListener failing =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            throw new IllegalStateException("stopped from outside");
          }
        };
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(16, 1);
      List<LoraTrainer.Course> courses =
          List.of(
              new LoraTrainer.Course(train, train, TrainingSession.fresh().withListener(failing)),
              new LoraTrainer.Course(train, train, TrainingSession.fresh().withListener(counting)));
      assertThatThrownBy(() -> new LoraTrainer(model, options(0)).trainTogether(courses))
          .hasMessage("stopped from outside");
      assertThat(steps).hasSize(6);
    }
  }

  @Test
  void refusesTheStateOfAnotherRun(@TempDir Path folder) {
    Path state = folder.resolve("state.safetensors");
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(8, 1);
      new LoraTrainer(model, options(0))
          .train(train, train, TrainingSession.fresh().withStateFile(state));
      TrainingOptions other = options(0).withLearningRate(1e-4);

      assertThatThrownBy(
              () ->
                  new LoraTrainer(model, other)
                      .train(train, train, TrainingSession.fresh().withStateFile(state)))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("belongs to a training run with other options");
      assertThat(Files.exists(state)).isTrue();
    }
  }

  @Test
  void refusesBeforeTheFirstStepToKeepItsStateWhereNothingCanBeWritten(@TempDir Path folder)
      throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    List<Integer> steps = new ArrayList<>();
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            steps.add(step.step());
          }
        };
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(8, 1);
      LoraTrainer trainer = new LoraTrainer(model, options(0));
      for (Path missing : List.of(folder.resolve("missing"), file)) {
        Path state = missing.resolve("state.safetensors");
        TrainingSession session =
            TrainingSession.fresh().withStateFile(state).withListener(counting);
        assertThatThrownBy(() -> trainer.train(train, train, session))
            .isInstanceOf(MoaException.class)
            .hasMessageContaining("cannot keep its state in " + state)
            .hasMessageContaining(missing.equals(file) ? "is not a folder" : "does not exist");
      }
      assertThat(steps).isEmpty();
    }
  }

  @Test
  void saysWhatToDoWithADamagedState(@TempDir Path folder) throws IOException {
    Path state = Files.write(folder.resolve("state.safetensors"), new byte[] {1, 2, 3});
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(8, 1);
      LoraTrainer trainer = new LoraTrainer(model, options(0));
      TrainingSession session = TrainingSession.fresh().withStateFile(state);
      assertThatThrownBy(() -> trainer.train(train, train, session))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining(state.toString())
          .hasMessageEndingWith("Delete the file to start anew.");
    }
  }

  @Test
  void adaptsOnlyTheTargetModules() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      LoraConfig lora = LoraConfig.of(2, 4, EnumSet.of(TargetModule.Q_PROJ, TargetModule.V_PROJ));
      TrainingOptions options = TrainingOptions.of(lora).withEpochs(2).withBatchSize(4);
      List<EncodedExample> train = randomExamples(12, 3);

      TrainingResult result = new LoraTrainer(model, options).train(train, train);

      assertThat(result.adapter().tensors().keySet())
          .allMatch(key -> key.contains("q_proj") || key.contains("v_proj"))
          .hasSize(8);
      List<TrainingListener.Evaluation> evaluations = result.evaluations();
      assertThat(evaluations.get(evaluations.size() - 1).loss())
          .isLessThan(evaluations.get(0).loss());
    }
  }

  @Test
  void refusesWhatTheModelCannotRunBeforeTheFirstStep() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      LoraTrainer trainer = new LoraTrainer(model, options(0));
      List<EncodedExample> good = randomExamples(3, 1);
      EncodedExample tooLong = new EncodedExample(new int[model.contextLength() + 1], 5);
      EncodedExample foreign = new EncodedExample(new int[] {1, 2, model.vocabSize()}, 1);

      assertThatThrownBy(() -> trainer.train(good, List.of(good.get(0), tooLong)))
          .isInstanceOf(DatasetException.class)
          .hasMessageContainingAll("Selection example 2", "5 and 252 tokens", "256");
      assertThatThrownBy(() -> trainer.train(List.of(foreign), good))
          .isInstanceOf(DatasetException.class)
          .hasMessageContainingAll("Training example 1", "512");
    }
  }

  @Test
  void aLossThatIsNoNumberEndsTheRun() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> train = randomExamples(8, 1);
      LoraAdapter start = LoraInitialization.random(model.config(), options(0).lora(), 1);
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      start
          .tensors()
          .forEach(
              (key, tensor) -> {
                float[] values = new float[tensor.size()];
                Arrays.fill(values, 1e30f);
                tensors.put(key, HostTensor.of(values, tensor.shape()));
              });
      LoraAdapter huge = LoraAdapter.of(start.config(), tensors);

      assertThatThrownBy(
              () ->
                  new LoraTrainer(model, options(0))
                      .train(train, train, TrainingSession.fresh().withWarmStart(huge)))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("NaN or infinite at step 1")
          .hasMessageContaining("Lower the learning rate");
    }
  }

  @Test
  void aFewStepsReachTheLearningRateToo() {
    List<Double> rates = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            rates.add(step.learningRate());
          }
        };
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      TrainingOptions slow = options(0).toBuilder().epochs(2).warmupShare(0.2).build();
      List<EncodedExample> train = randomExamples(40, 1);

      new LoraTrainer(model, slow)
          .train(train, train.subList(0, 2), TrainingSession.fresh().withListener(listener));

      assertThat(rates).hasSize(10);
      assertThat(Collections.max(rates)).isCloseTo(slow.learningRate(), within(1e-9));
    }
  }

  @Test
  void refusesAStartThatIsInvokedByOtherTokens() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      LoraConfig activated = options(0).lora().withAloraInvocationTokens(List.of(3, 4));
      LoraAdapter start = LoraInitialization.random(model.config(), activated, 1);
      List<EncodedExample> train = randomExamples(8, 1);
      assertThatThrownBy(
              () ->
                  new LoraTrainer(model, options(0))
                      .train(train, train, TrainingSession.fresh().withWarmStart(start)))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("invoked by the tokens [3, 4], but training is set to []");
    }
  }
}
