package io.github.moa4j.training.gradient.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
        "qwen2-lora-bias"
      })
  void everyGradientIsThatOfTheIndependentImplementation(String name) {
    GoldenBatch golden = GoldenBatch.of(name);
    AnswerBatch reference = AnswerBatch.of(golden.examples());
    int count = reference.targets().tokens().length;
    try (BaseModel base = golden.load();
        GradientKernel own = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora parameters = base.unwrap(Decoder.class).trainable(golden.adapter());
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      Gradients found = own.gradients(scope, parameters, reference, WHOLE, 1.0 / count, 0, 0);

      assertThat(found.loss() / count).isCloseTo(golden.floats("lora_loss")[0], within(1e-5));
      Iterator<NDArray> gradients = found.arrays().iterator();
      for (TargetModule module : TargetModule.values()) {
        for (String side : List.of("lora_A", "lora_B")) {
          assertAgrees(golden, gradients.next(), module, side);
        }
      }
      for (TargetModule module : TargetModule.values()) {
        if (golden.adapter().config().useDora()) {
          assertAgrees(golden, gradients.next(), module, "lora_magnitude_vector");
        } else if (golden.adapter().config().loraBias()) {
          assertAgrees(golden, gradients.next(), module, "lora_B.bias");
        }
      }
      assertThat(gradients.hasNext()).isFalse();
    }
  }

  private static void assertAgrees(
      GoldenBatch golden, NDArray stacked, TargetModule module, String part) {
    for (int layer = 0; layer < stacked.getShape().get(0); layer++) {
      String key = "grad.model.layers." + layer + "." + module.path() + "." + part;
      assertThat(GoldenBatch.relative(stacked.get(layer).toFloatArray(), golden.floats(key)))
          .as(key)
          .isLessThanOrEqualTo(1e-3);
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
      NDArray a = kernel.gradients(scope, parameters, batch, WHOLE, 1, 0, 0).arrays().get(0);
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
      return kernel
          .gradients(scope, parameters, batch, WHOLE, 1, dropout, seed)
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
      assertThat(kernel.gradients(scope, parameters, batch, from, 1, 0, 0).loss())
          .isCloseTo(sum, within(1e-3));
      assertThat(kernel.gradients(scope, parameters, batch, WHOLE, 1, 0, 0).loss())
          .isNotCloseTo(sum, within(1e-2));
    }
  }

  @Test
  void gradientsAreSlopesOfTheLossUnderASlidingWindowToo(@TempDir Path folder) throws IOException {
    GoldenBatch golden = GoldenBatch.of("llama-gqa");
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(golden.directory().resolve(file), folder.resolve(file));
    }
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("LlamaForCausalLM", "MistralForCausalLM")
            .replace("\"llama\"", "\"mistral\", \"sliding_window\": 4"));
    AnswerBatch reference = AnswerBatch.of(golden.examples());
    LoraConfig lora = LoraConfig.of(2, 4, Set.of(TargetModule.Q_PROJ));
    try (BaseModel windowed = BaseModel.load(folder, WeightFormat.F32);
        GradientKernel own = GradientKernel.of(windowed.unwrap(Decoder.class));
        TrainableLora parameters =
            windowed.unwrap(Decoder.class).trainable(GoldenBatch.random(windowed, lora, 3));
        NDManager scope = windowed.unwrap(Decoder.class).newScope()) {
      assertThat(windowed.config().slidingWindow()).isEqualTo(4);
      Gradients found = own.gradients(scope, parameters, reference, WHOLE, 1, 0, 0);
      NDArray b = parameters.moving().get(1);
      float[] values = b.toFloatArray();
      float[] slopes = found.arrays().get(1).toFloatArray();
      double norm = 0;
      for (float slope : slopes) {
        norm += slope * slope;
      }
      double step = 0.02 / Math.sqrt(norm);
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = values.clone();
        for (int i = 0; i < moved.length; i++) {
          moved[i] += (float) ((side == 0 ? -step : step) * slopes[i]);
        }
        NDArray target = scope.create(moved, b.getShape());
        windowed.unwrap(Decoder.class).kernel().assign(List.of(b), List.of(target));
        losses[side] = own.gradients(scope, parameters, reference, WHOLE, 1, 0, 0).loss();
      }
      assertThat((losses[1] - losses[0]) / (2 * step)).isCloseTo(norm, withinPercentage(5));
    }
  }

  @Test
  void refusesBatchesThatDoNotFit() {
    EncodedExample foreign = new EncodedExample(new int[] {3, 4, model.vocabSize()}, 1);
    AnswerBatch tooHigh = AnswerBatch.of(List.of(foreign));
    try (TrainableLora parameters = decoder.trainable(GOLDEN.adapter());
        NDManager scope = decoder.newScope()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> kernel.gradients(scope, parameters, batch, new int[3], 1, 0, 0))
          .withMessageContaining("2 rows needs as many positions to start from, not 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> kernel.gradients(scope, parameters, tooHigh, new int[1], 1, 0, 0))
          .withMessageContaining("vocabulary");
    }
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
          kernel.gradients(scope, parameters, batch, WHOLE, 1, 0.1, salt);
          assertThatIllegalArgumentException()
              .isThrownBy(() -> kernel.gradients(scope, parameters, outside, WHOLE, 1, 0, 0));
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
