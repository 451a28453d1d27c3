package io.github.moa4j.training.gradient.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.AnswerTargets;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
final class GradientKernelTest {

  private static final GoldenBatch GOLDEN = GoldenBatch.of("qwen3-qknorm");
  private static final int[] WHOLE = {0, 0};

  private final AnswerBatch batch = AnswerBatch.of(GOLDEN.examples());
  private BaseModel model;
  private Decoder decoder;
  private GradientKernel kernel;

  @BeforeAll
  void load() {
    model = GOLDEN.load();
    decoder = model.unwrap(Decoder.class);
    kernel = GradientKernel.of(decoder);
  }

  @AfterAll
  void close() {
    kernel.close();
    model.close();
  }

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
        "gemma3-windows",
        "mixtral-top2",
        "qwen3moe-top2",
        "mixtral-expert-lora",
        "qwen3moe-expert-lora",
        "mixtral-parameter-lora",
        "qwen3moe-parameter-lora"
      })
  void everyGradientIsThatOfTheIndependentImplementation(String name) {
    GoldenBatch golden = GoldenBatch.of(name);
    AnswerBatch reference = AnswerBatch.of(golden.examples());
    int count = reference.targets().tokens().length;
    try (BaseModel base = golden.load();
        GradientKernel own = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora parameters = base.unwrap(Decoder.class).trainable(golden.adapter());
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      Gradients found = alone(own, scope, parameters, reference, WHOLE, 1.0 / count, 0, 0);

      assertThat(found.loss() / count).isCloseTo(golden.floats("lora_loss")[0], within(1e-5));
      Iterator<NDArray> gradients = found.arrays().iterator();
      List<TargetModule> adapted = List.copyOf(golden.adapter().config().targetModules());
      for (TargetModule module : adapted) {
        for (String side : List.of("lora_A", "lora_B")) {
          assertAgrees(golden, base, gradients.next(), module, side);
        }
      }
      for (TargetModule module : adapted) {
        if (golden.adapter().config().useDora()) {
          assertAgrees(golden, base, gradients.next(), module, "lora_magnitude_vector");
        } else if (golden.adapter().config().loraBias()) {
          assertAgrees(golden, base, gradients.next(), module, "lora_B.bias");
        }
      }
      assertThat(gradients.hasNext()).isFalse();
    }
  }

  private static void assertAgrees(
      GoldenBatch golden, BaseModel base, NDArray stacked, TargetModule module, String part) {
    int experts = module.isOfExperts() ? base.config().experts().count() : 1;
    List<String> paths = module.paths(base.config());
    for (int site = 0; site < stacked.getShape().get(0); site++) {
      String path = "model.layers." + site / experts + "." + module.path(site % experts);
      float[] found = stacked.get(site).toFloatArray();
      float[] expected =
          paths.contains(path)
              ? golden.floats("grad." + path + "." + part)
              : new float[found.length]; // a layer without that map
      double norm =
          Math.sqrt(
              IntStream.range(0, found.length).mapToDouble(i -> expected[i] * expected[i]).sum());
      assertThat(GoldenBatch.difference(found, expected))
          .as(path + part)
          .isLessThanOrEqualTo(1e-3 * norm);
    }
  }

  @Test
  void ranksThatOnlyFillALayerUpGetNoGradient() {
    LoraConfig config =
        new LoraConfig(
            4,
            8,
            false,
            0,
            EnumSet.allOf(TargetModule.class),
            Map.of("layers.0.self_attn.q_proj", 2),
            Map.of(),
            List.of());
    try (TrainableLora parameters = decoder.trainable(narrowed(config));
        NDManager scope = decoder.newScope()) {
      NDArray a = alone(kernel, scope, parameters, batch, WHOLE, 1, 0, 0).arrays().get(0);
      assertThat(a.get("0, 2:").toFloatArray()).containsOnly(0);
      assertThat(a.get("0, :2").abs().sum().getFloat()).isPositive();
    }
  }

  /** A random adapter of rank 4, whose first query map has rank 2 only. */
  private LoraAdapter narrowed(LoraConfig config) {
    LoraAdapter full = GoldenBatch.random(model, LoraConfig.of(4, 8, config.targetModules()), 9);
    Map<String, HostTensor> tensors = new LinkedHashMap<>(full.tensors());
    int in = TargetModule.Q_PROJ.inputSize(model.config());
    int out = TargetModule.Q_PROJ.outputSize(model.config());
    float[] a = new float[2 * in];
    float[] b = new float[out * 2];
    Arrays.fill(a, 0.1f);
    Arrays.fill(b, 0.2f);
    tensors.put(LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_A"), HostTensor.of(a, 2, in));
    tensors.put(LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_B"), HostTensor.of(b, out, 2));
    return LoraAdapter.of(config, tensors);
  }

  @Test
  void dropoutIsDeterminedByItsSeed() {
    assertThat(gradient(0.5, 1)).containsExactly(gradient(0.5, 1));
    assertThat(gradient(0.5, 1)).isNotEqualTo(gradient(0.5, 2));
    assertThat(gradient(0, 1)).containsExactly(gradient(0, 2));
  }

  @Test
  void dropoutKeepsTheGradientInTheMean() {
    float[] expected = gradient(0, 0);
    float[] mean = new float[expected.length];
    int draws = 40;
    for (int seed = 0; seed < draws; seed++) {
      float[] drawn = gradient(0.1, seed * 1_000_003L);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += drawn[i] / draws;
      }
    }
    assertThat(GoldenBatch.relative(mean, expected)).isLessThan(0.15);
    assertThat(GoldenBatch.relative(gradient(0.1, 0), expected)).isGreaterThan(0.15);
  }

  /**
   * The gradient of the first layer's B of q, at B = 0, where it is linear in the dropped input.
   */
  private float[] gradient(double dropout, long seed) {
    LoraConfig config = LoraConfig.of(4, 4, Set.of(TargetModule.Q_PROJ));
    try (TrainableLora parameters =
            decoder.trainable(LoraInitialization.random(model.config(), config, 1));
        NDManager scope = decoder.newScope()) {
      return alone(kernel, scope, parameters, batch, WHOLE, 1, dropout, seed)
          .arrays()
          .get(1)
          .get(0)
          .toFloatArray();
    }
  }

  @Test
  void gradientsFromAPositionIgnoreWhatComesBefore() {
    LoraConfig config = LoraConfig.of(4, 4, Set.of(TargetModule.O_PROJ));
    try (TrainableLora parameters = decoder.trainable(GoldenBatch.random(model, config, 9));
        FusedLora weights = decoder.fuse(parameters);
        NDManager scope = decoder.newScope()) {
      List<AdapterChoice> choices = Collections.nCopies(2, AdapterChoice.from(weights, 10));
      double sum = 0;
      for (float loss : decoder.answerLosses(batch.tokens(), choices, batch.targets())) {
        sum += loss;
      }
      int[] from = {10, 10};
      assertThat(alone(kernel, scope, parameters, batch, from, 1, 0, 0).loss())
          .isCloseTo(sum, within(1e-3));
      assertThat(alone(kernel, scope, parameters, batch, WHOLE, 1, 0, 0).loss())
          .isNotCloseTo(sum, within(1e-2));
    }
  }

  /** Models in which every head has keys of its own attend without groups. */
  @ParameterizedTest
  @ValueSource(strings = {"olmo2-postnorm", "llama-gqa"})
  void aSequenceAloneLearnsAsBesideItsTwin(String name) {
    GoldenBatch golden = GoldenBatch.of(name);
    EncodedExample example = golden.examples().get(0);
    LoraConfig lora = LoraConfig.of(2, 4, Set.of(TargetModule.Q_PROJ, TargetModule.V_PROJ));
    try (BaseModel base = golden.load();
        GradientKernel own = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora parameters =
            base.unwrap(Decoder.class).trainable(GoldenBatch.random(base, lora, 3));
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      AnswerBatch one = AnswerBatch.of(List.of(example));
      AnswerBatch twins = AnswerBatch.of(List.of(example, example));
      Gradients single = alone(own, scope, parameters, one, new int[] {0}, 1, 0, 0);
      Gradients both = alone(own, scope, parameters, twins, WHOLE, 0.5, 0, 0);
      for (int i = 0; i < single.arrays().size(); i++) {
        assertThat(single.arrays().get(i).toFloatArray())
            .containsExactly(both.arrays().get(i).toFloatArray(), withPrecision(1e-4f));
      }
    }
  }

  /** Of {window, tokens}: attention goes by blocks of queries, and forgets those of many. */
  @ParameterizedTest
  @CsvSource({"4, 14", "0, 140", "0, 300", "150, 300"})
  void gradientsAreSlopesOfTheLossForEveryLengthAndWindow(
      int window, int length, @TempDir Path folder) throws IOException {
    LoraConfig lora = LoraConfig.of(2, 4, Set.of(TargetModule.Q_PROJ, TargetModule.V_PROJ));
    int[] tokens = new Random(5).ints(length + 9L, 3, 500).toArray();
    AnswerBatch two =
        AnswerBatch.of(
            List.of(
                new EncodedExample(Arrays.copyOf(tokens, 9), 2),
                new EncodedExample(Arrays.copyOfRange(tokens, 9, length + 9), 3)));
    try (BaseModel base = BaseModel.load(mistral(folder, window), WeightFormat.F32);
        GradientKernel own = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora parameters =
            base.unwrap(Decoder.class).trainable(GoldenBatch.random(base, lora, 3));
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      assertThat(base.config().slidingWindow()).isEqualTo(window);
      Gradients found = alone(own, scope, parameters, two, WHOLE, 1, 0, 0);
      for (int i : new int[] {1, 3}) {
        NDArray b = parameters.moving().get(i);
        float[] values = b.toFloatArray();
        float[] slopes = found.arrays().get(i).toFloatArray();
        double norm = 0;
        for (float slope : slopes) {
          norm += slope * slope;
        }
        double step = 0.02 / Math.sqrt(norm);
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
          float[] moved = values.clone();
          for (int j = 0; j < moved.length; j++) {
            moved[j] += (float) ((side == 0 ? -step : step) * slopes[j]);
          }
          assign(base, b, moved);
          losses[side] = alone(own, scope, parameters, two, WHOLE, 1, 0, 0).loss();
        }
        assign(base, b, values);
        assertThat((losses[1] - losses[0]) / (2 * step)).isCloseTo(norm, withinPercentage(5));
      }
    }
  }

  private static void assign(BaseModel base, NDArray target, float[] values) {
    try (NDManager scope = base.unwrap(Decoder.class).newScope()) {
      NDArray source = scope.create(values, target.getShape());
      base.unwrap(Decoder.class).kernel().assign(List.of(target), List.of(source));
    }
  }

  /** A model whose context is longer than the reference's. */
  private static Path mistral(Path folder, int window) throws IOException {
    GoldenBatch golden = GoldenBatch.of("llama-gqa");
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(golden.directory().resolve(file), folder.resolve(file));
    }
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("LlamaForCausalLM", "MistralForCausalLM")
            .replace("256", "512")
            .replace(
                "\"llama\"", "\"mistral\", \"sliding_window\": " + (window > 0 ? window : "null")));
    return folder;
  }

  @ParameterizedTest
  @CsvSource({"BF16, 0.04", "INT8, 0.1", "INT4, 0.6"})
  void everyFormatHasAboutTheGradientsOfF32(WeightFormat format, double tolerance) {
    try (BaseModel base = BaseModel.load(GOLDEN.directory(), format);
        GradientKernel own = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora exact = decoder.trainable(GOLDEN.adapter());
        TrainableLora parameters = base.unwrap(Decoder.class).trainable(GOLDEN.adapter());
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      Gradients expected = alone(kernel, scope, exact, batch, WHOLE, 1, 0, 0);
      Gradients found = alone(own, scope, parameters, batch, WHOLE, 1, 0, 0);
      assertThat(found.loss()).isCloseTo(expected.loss(), withinPercentage(100 * tolerance));
      for (int i = 0; i < expected.arrays().size(); i++) {
        assertThat(
                GoldenBatch.relative(
                    found.arrays().get(i).toFloatArray(), expected.arrays().get(i).toFloatArray()))
            .isLessThan(tolerance);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void checkpointingChangesNoBit(WeightFormat format) {
    try (BaseModel base = BaseModel.load(GOLDEN.directory(), format);
        GradientKernel own = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora parameters = base.unwrap(Decoder.class).trainable(GOLDEN.adapter());
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      List<GradientKernel.Lesson> lesson =
          List.of(new GradientKernel.Lesson(parameters, batch, WHOLE, 1, 3));
      Gradients kept = own.gradients(scope, lesson, 0.1, false).get(0);
      Gradients again = own.gradients(scope, lesson, 0.1, true).get(0);
      assertThat(again.loss()).isEqualTo(kept.loss());
      for (int i = 0; i < kept.arrays().size(); i++) {
        assertThat(
                GoldenBatch.relative(
                    again.arrays().get(i).toFloatArray(), kept.arrays().get(i).toFloatArray()))
            .isLessThan(format == WeightFormat.BF16 ? 0.02 : 1e-12);
      }
    }
  }

  @Test
  void adaptersThatLearnInOnePassLearnWhatTheyLearnAlone() {
    LoraConfig config = LoraConfig.of(4, 4, EnumSet.allOf(TargetModule.class));
    AnswerBatch short1 =
        AnswerBatch.of(List.of(new EncodedExample(new int[] {7, 8, 9, 10, 11, 12, 13}, 3)));
    try (TrainableLora first = decoder.trainable(GoldenBatch.random(model, config, 9));
        TrainableLora second = decoder.trainable(GoldenBatch.random(model, config, 10));
        NDManager scope = decoder.newScope()) {
      List<GradientKernel.Lesson> lessons =
          List.of(
              new GradientKernel.Lesson(first, batch, WHOLE, 0.5, 3),
              new GradientKernel.Lesson(second, short1, new int[] {2}, 2, 4));
      List<Gradients> together = kernel.gradients(scope, lessons, 0.1, false);
      for (int i = 0; i < 2; i++) {
        Gradients own = kernel.gradients(scope, List.of(lessons.get(i)), 0.1, false).get(0);
        assertThat(together.get(i).loss()).isCloseTo(own.loss(), within(1e-4));
        assertThat(together.get(i).arrays()).hasSameSizeAs(own.arrays());
        for (int j = 0; j < own.arrays().size(); j++) {
          assertThat(
                  GoldenBatch.relative(
                      together.get(i).arrays().get(j).toFloatArray(),
                      own.arrays().get(j).toFloatArray()))
              .isLessThan(1e-4);
        }
      }
    }
  }

  @Test
  void refusesBatchesThatDoNotFit() {
    EncodedExample foreign = new EncodedExample(new int[] {3, 4, model.vocabSize()}, 1);
    AnswerBatch tooHigh = AnswerBatch.of(List.of(foreign));
    try (TrainableLora parameters = decoder.trainable(GOLDEN.adapter());
        NDManager scope = decoder.newScope()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> alone(kernel, scope, parameters, batch, new int[3], 1, 0, 0))
          .withMessageContaining("2 rows needs as many positions to start from, not 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> alone(kernel, scope, parameters, tooHigh, new int[1], 1, 0, 0))
          .withMessageContaining("vocabulary");
    }
  }

  private static Gradients alone(
      GradientKernel kernel,
      NDManager scope,
      TrainableLora parameters,
      AnswerBatch batch,
      int[] from,
      double weight,
      double dropout,
      long seed) {
    GradientKernel.Lesson lesson = new GradientKernel.Lesson(parameters, batch, from, weight, seed);
    return kernel.gradients(scope, List.of(lesson), dropout, false).get(0);
  }

  /** What one step leaves, all later ones leave: native memory does not grow. */
  @Test
  void stepsLeaveNothingBehind() {
    AnswerBatch outside =
        new AnswerBatch(
            batch.tokens(),
            new AnswerTargets(new long[] {4000}, new long[] {17}),
            batch.promptLengths());
    List<Integer> seen = new ArrayList<>();
    try (TrainableLora parameters = decoder.trainable(GOLDEN.adapter())) {
      for (int step = 0; step < 30; step++) {
        int salt = step;
        try (NDManager scope = decoder.newScope()) {
          alone(kernel, scope, parameters, batch, WHOLE, 1, 0.1, salt);
          assertThatIllegalArgumentException()
              .isThrownBy(() -> alone(kernel, scope, parameters, outside, WHOLE, 1, 0, 0));
        }
        decoder.fuse(parameters).close();
        GradientKernel.of(decoder).close();
        try (NDManager scope = decoder.newScope()) {
          seen.add(scope.getParentManager().getParentManager().getManagedArrays().size());
        }
      }
    }
    assertThat(seen).containsOnly(seen.get(0));
  }
}
