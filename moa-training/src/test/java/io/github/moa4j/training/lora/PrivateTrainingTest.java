package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.internal.AnswerBatch;
import io.github.moa4j.training.gradient.internal.GradientKernel;
import io.github.moa4j.training.gradient.internal.Gradients;
import io.github.moa4j.training.privacy.PrivacyGuarantee;
import io.github.moa4j.training.privacy.PrivacyOptions;
import io.github.moa4j.training.privacy.SecretRandom;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrivateTrainingTest {

  private static final Path GOLDEN = Path.of("../moa-core/src/test/resources/golden");
  private static final LoraConfig LORA = LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class));

  private static List<EncodedExample> examples(int count, int answer) {
    Random random = new Random(count);
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int prompt = 1 + random.nextInt(6);
      examples.add(new EncodedExample(random.ints(prompt + answer, 3, 350).toArray(), prompt));
    }
    return examples;
  }

  private static TrainingOptions options(PrivacyOptions privacy) {
    return TrainingOptions.of(LORA).toBuilder()
        .epochs(4)
        .batchSize(4)
        .accumulationSteps(2)
        .learningRate(5e-3)
        .maxGradientNorm(0)
        .privacy(privacy)
        .build();
  }

  @Test
  void withoutNoiseAndClippingOfAllExamplesAStepItIsOrdinaryTraining() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> all = examples(8, 5);
      TrainingOptions secret =
          options(PrivacyOptions.withNoise(1e-30, 1e-5).withClipNorm(1e6)).withEpochs(10);
      TrainingOptions plain =
          TrainingOptions.of(LORA).toBuilder()
              .epochs(10)
              .batchSize(8)
              .learningRate(5e-3)
              .maxGradientNorm(0)
              .build();

      TrainingResult found = new LoraTrainer(model, secret).train(all, List.of());

      List<Double> expected = new LoraTrainer(model, plain).train(all, all).losses();
      assertThat(expected.get(9)).isLessThan(0.9 * expected.get(0));
      assertThat(found.losses()).hasSize(10);
      for (int i = 0; i < 10; i++) {
        assertThat(found.losses().get(i)).isCloseTo(expected.get(i), within(1e-4));
      }
      assertThat(found.privacy().orElseThrow().epsilon()).isInfinite();
    }
  }

  @ParameterizedTest
  @CsvSource({"llama-gqa, 0", "llama-dora, 0", "qwen2-lora-bias, 0", "qwen3-qknorm, 0.2"})
  void sumsWhatEachExampleAloneGivesClipped(String name, double dropout) {
    Path directory = GOLDEN.resolve(name);
    double norm = 0.5;
    try (BaseModel model = BaseModel.load(directory, WeightFormat.F32)) {
      Decoder decoder = model.unwrap(Decoder.class);
      LoraAdapter adapter = PeftFormat.read(directory.resolve("adapter"));
      try (NDManager scope = decoder.newScope();
          GradientKernel kernel = GradientKernel.of(decoder);
          TrainableLora parameters = decoder.trainable(adapter);
          Optimizer optimizer = new Optimizer(scope, parameters.moving(), UpdateRule.ADAMW, 0, 0)) {
        List<GradientKernel.Lesson> lessons = new ArrayList<>();
        for (EncodedExample example : examples(5, 4)) {
          AnswerBatch batch = AnswerBatch.of(List.of(example));
          lessons.add(new GradientKernel.Lesson(parameters, batch, new int[1], 1, lessons.size()));
        }
        List<float[]> expected = new ArrayList<>();
        int clipped = 0;
        for (GradientKernel.Lesson lesson : lessons) {
          List<NDArray> alone =
              kernel.gradients(scope, List.of(lesson), dropout, false).get(0).arrays();
          double own = norm(alone);
          clipped += own > norm ? 1 : 0;
          for (int i = 0; i < alone.size(); i++) {
            float[] values = alone.get(i).toFloatArray();
            if (expected.size() == i) {
              expected.add(new float[values.length]);
            }
            for (int k = 0; k < values.length; k++) {
              expected.get(i)[k] += (float) (values[k] * Math.min(1, norm / own));
            }
          }
        }
        assertThat(clipped).isPositive();

        for (Gradients example : kernel.gradients(scope, lessons, dropout, false)) {
          optimizer.accumulateClipped(example.arrays(), norm);
        }

        List<NDArray> sums = optimizer.gradients();
        for (int i = 0; i < expected.size(); i++) {
          assertThat(sums.get(i).toFloatArray()).containsExactly(expected.get(i), within(1e-4f));
        }
      }
    }
  }

  private static double norm(List<NDArray> arrays) {
    double sum = 0;
    for (NDArray array : arrays) {
      for (float value : array.toFloatArray()) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }

  @Test
  void anExampleWhoseGradientIsNotFiniteCountsAsNone() {
    try (NDManager scope = NDManager.newBaseManager();
        Optimizer optimizer =
            new Optimizer(scope, List.of(scope.zeros(new Shape(3))), UpdateRule.ADAMW, 0, 0)) {
      optimizer.accumulateClipped(List.of(scope.create(new float[] {0, 3, 4})), 1);
      optimizer.accumulateClipped(List.of(scope.create(new float[] {1, Float.NaN, 0})), 1);
      optimizer.accumulateClipped(
          List.of(scope.create(new float[] {1, Float.POSITIVE_INFINITY, 0})), 1);
      assertThat(optimizer.gradients().get(0).toFloatArray())
          .containsExactly(new float[] {0, 0.6f, 0.8f}, within(1e-6f));
    }
  }

  @Test
  void theNoiseIsGaussianOfTheDeviationAndIndependent() {
    int n = 400_001;
    try (NDManager scope = NDManager.newBaseManager();
        Optimizer optimizer =
            new Optimizer(scope, List.of(scope.zeros(new Shape(n))), UpdateRule.ADAMW, 0, 0)) {
      optimizer.accumulate(new NDList(scope.ones(new Shape(n))));
      optimizer.disturb(SecretRandom.foreseeable(3), 6, 2);

      float[] found = optimizer.gradients().get(0).toFloatArray();
      double[] noise = new double[n]; // (1 + 6 z) / 2
      for (int i = 0; i < n; i++) {
        noise[i] = (2 * found[i] - 1) / 6;
      }
      double error = 5 / Math.sqrt(n);
      assertThat(moment(noise, 1)).isCloseTo(0, within(error));
      assertThat(moment(noise, 2)).isCloseTo(1, within(Math.sqrt(2) * error));
      assertThat(moment(noise, 3)).isCloseTo(0, within(Math.sqrt(15) * error));
      assertThat(moment(noise, 4)).isCloseTo(3, within(Math.sqrt(96) * error));
      for (int lag : new int[] {1, 2, n / 2, n / 2 + 1}) {
        double sum = 0;
        for (int i = 0; i + lag < n; i++) {
          sum += noise[i] * noise[i + lag] / (n - lag);
        }
        assertThat(sum).as("lag %d", lag).isCloseTo(0, within(5 / Math.sqrt(n - lag)));
      }
      assertThat(Arrays.stream(noise).filter(z -> Math.abs(z) > 3).count() / (double) n)
          .isCloseTo(0.0026998, within(5 * Math.sqrt(0.0027 / n)));
    }
  }

  private static double moment(double[] values, int order) {
    return Arrays.stream(values).map(value -> Math.pow(value, order)).average().orElseThrow();
  }

  @Test
  void eachExampleIsDrawnIntoEachStepWithTheSameProbability() {
    List<EncodedExample> all = examples(100, 3);
    PrivateLearning privacy =
        new PrivateLearning(
            new PrivacyGuarantee(1, 1e-5, 1, 1, 0.08, 1, 1), 8, SecretRandom.foreseeable(5));
    EpochSteps steps = EpochSteps.drawn(all, options(PrivacyOptions.within(1, 1e-5)), privacy);
    IdentityHashMap<EncodedExample, Integer> times = new IdentityHashMap<>();
    int drawn = 0;
    double sizes = 0;
    int epochs = 400;
    for (int epoch = 0; epoch < epochs; epoch++) {
      List<List<List<EncodedExample>>> ofEpoch = steps.of(epoch);
      assertThat(ofEpoch).hasSize(13); // 100 / 8, rounded
      for (List<List<EncodedExample>> step : ofEpoch) {
        int size = 0;
        for (List<EncodedExample> batch : step) {
          assertThat(batch).hasSizeBetween(1, 4);
          size += batch.size();
          batch.forEach(example -> times.merge(example, 1, Integer::sum));
        }
        drawn += size;
        sizes += (size - 8.0) * (size - 8.0);
      }
    }
    int count = 13 * epochs;
    // A binomial of 100 at 0.08: mean 8, variance 7.36
    assertThat((double) drawn / count).isCloseTo(8, within(5 * Math.sqrt(7.36 / count)));
    assertThat(sizes / count).isCloseTo(7.36, within(7.36 * 5 * Math.sqrt(2.0 / count)));
    assertThat(times).hasSize(100);
    double deviation = Math.sqrt(count * 0.08 * 0.92);
    assertThat(times.values())
        .allSatisfy(n -> assertThat((double) n).isCloseTo(count * 0.08, within(5 * deviation)));
  }

  @Test
  void tellsWhatItPromisesAndIsNeverTheSameTwice(@TempDir Path folder) {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> all = examples(40, 5);
      TrainingOptions secret = options(PrivacyOptions.within(4, 1e-4)).withEpochs(2);
      LoraTrainer trainer = new LoraTrainer(model, secret);
      TrainingSession session =
          TrainingSession.fresh().withStateFile(folder.resolve("state.safetensors"));

      TrainingResult first = trainer.train(all, List.of(), session);

      PrivacyGuarantee promise = first.privacy().orElseThrow();
      assertThat(promise.epsilon()).isBetween(3.85, 4.0);
      assertThat(promise.delta()).isEqualTo(1e-4);
      assertThat(promise.samplingRate()).isEqualTo(0.2);
      assertThat(promise.steps()).isEqualTo(10);
      assertThat(first.bestStep()).isEqualTo(10);
      assertThat(first.validationLoss()).isNaN();
      assertThat(first.evaluations()).isEmpty();
      // A run that has ended goes on to the same end; another one has other noise.
      assertThat(trainer.train(all, List.of(), session).adapter().sha256())
          .isEqualTo(first.adapter().sha256());
      assertThat(trainer.train(all, List.of()).adapter().sha256())
          .isNotEqualTo(first.adapter().sha256());
    }
  }

  @Test
  void refusesWhatTheNoiseDoesNotCover() {
    try (BaseModel model = BaseModel.load(GOLDEN.resolve("llama-gqa"), WeightFormat.F32)) {
      List<EncodedExample> all = examples(40, 5);
      TrainingOptions secret = options(PrivacyOptions.within(4, 1e-4));
      LoraTrainer trainer = new LoraTrainer(model, secret);
      assertThatThrownBy(() -> trainer.train(all, all))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("Give no selection examples");
      LoraAdapter other = LoraInitialization.random(model.config(), LORA, 9);
      TrainingSession warm = TrainingSession.fresh().withWarmStart(other);
      assertThatThrownBy(() -> trainer.train(all, List.of(), warm))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("withPublicStart");
      assertThatThrownBy(() -> trainer.train(all.subList(0, 7), List.of()))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("8 of 7 examples");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExpertsTrainer.byLabel(model, secret, TrainingListener.NONE))
          .withMessageContaining("LoraTrainer");
    }
  }
}
