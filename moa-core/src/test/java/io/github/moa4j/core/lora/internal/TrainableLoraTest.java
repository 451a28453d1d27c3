package io.github.moa4j.core.lora.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.nio.file.Path;
import java.util.EnumSet;
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

@TestInstance(Lifecycle.PER_CLASS)
final class TrainableLoraTest {

  private static final Golden GOLDEN = Golden.QWEN3_QKNORM;
  private static final LoraConfig ALL = LoraConfig.of(8, 16, TargetModule.outsideOfExperts());

  private final TokenBatch batch = TokenBatch.of(GOLDEN.sequences());
  private BaseModel model;
  private Decoder decoder;

  @BeforeAll
  void load() {
    model = GOLDEN.load();
    decoder = model.unwrap(Decoder.class);
  }

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void startsWithUniformAAndZeroB() {
    {
      LoraAdapter adapter = initial(3);
      for (TargetModule module : TargetModule.of(model.config())) {
        double bound = 1 / Math.sqrt(module.inputSize(model.config()));
        float[] a = adapter.loraA(1, module).orElseThrow().toFloatArray();
        double sum = 0;
        double squares = 0;
        for (float value : a) {
          assertThat((double) value).isBetween(-bound - 1e-8, bound + 1e-8);
          sum += value;
          squares += (double) value * value;
        }
        // Five deviations of the mean, and a fifth of the variance, of at least 512 draws.
        assertThat(sum / a.length).isCloseTo(0, within(5 * bound / Math.sqrt(3.0 * a.length)));
        assertThat(squares / a.length * 3 / (bound * bound)).isCloseTo(1, within(0.2));
        assertThat(adapter.loraB(1, module).orElseThrow().toFloatArray()).containsOnly(0);
        assertThat(a).isNotEqualTo(adapter.loraA(0, module).orElseThrow().toFloatArray());
      }
    }
  }

  @Test
  void seedDeterminesTheStart() {
    assertThat(initial(3).tensors()).isEqualTo(initial(3).tensors());
    assertThat(initial(3).tensors()).isNotEqualTo(initial(4).tensors());
  }

  @Test
  void newAdapterWithDoraStartsAsTheBaseWithTheBasesLengths() {
    LoraConfig dora =
        LoraConfig.of(4, 8, EnumSet.of(TargetModule.V_PROJ, TargetModule.DOWN_PROJ)).withDora(true);
    LoraAdapter start = LoraInitialization.random(model.config(), dora, 3);
    try (NDManager scope = decoder.newScope();
        TrainableLora parameters = decoder.trainable(start);
        AppliedLora applied = decoder.fuse(parameters)) {
      assertThat(
              Differences.max(
                  logits(scope, AdapterChoice.of(applied)), logits(scope, AdapterChoice.base())))
          .isLessThanOrEqualTo(1e-6);

      LoraAdapter stored = parameters.toAdapter();
      assertThat(stored.config()).isEqualTo(dora);
      assertThat(
              stored
                  .part(1, TargetModule.V_PROJ, AdapterPart.MAGNITUDE)
                  .orElseThrow()
                  .toFloatArray())
          .doesNotContain(0f);
      assertThat(parameters.moving()).hasSize(6);
      try (AppliedLora again = model.load(stored)) {
        assertThat(logits(scope, AdapterChoice.of(again)))
            .containsExactly(logits(scope, AdapterChoice.of(applied)));
      }
    }
  }

  private float[] logits(NDManager scope, AdapterChoice choice) {
    return decoder.logits(scope, batch, List.of(choice, choice)).toFloatArray();
  }

  private LoraAdapter initial(long seed) {
    return LoraInitialization.random(model.config(), ALL, seed);
  }

  @Test
  void newAdapterIsTheBase() {
    try (AppliedLora weights = model.load(initial(3))) {
      assertThat(logits(model, AdapterChoice.of(weights)))
          .containsExactly(logits(model, AdapterChoice.base()));
    }
  }

  @Test
  void refusesPatternsForANewAdapter() {
    LoraConfig config =
        patterned(Set.of(TargetModule.Q_PROJ), Map.of("q_proj", 2), Map.of(), false);
    assertThatThrownBy(() -> LoraInitialization.random(model.config(), config, 1))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("rank_pattern");
  }

  @Test
  void adapterComesBackBitForBit() {
    LoraAdapter adapter = GOLDEN.adapter();
    try (TrainableLora parameters = decoder.trainable(adapter)) {
      assertThat(parameters.toAdapter().tensors()).isEqualTo(adapter.tensors());
      assertThat(parameters.toAdapter().config()).isEqualTo(adapter.config());
    }
  }

  @Test
  void twoMapsOnlyComeBackAsTwoMaps() {
    LoraConfig config = LoraConfig.of(2, 3, Set.of(TargetModule.Q_PROJ, TargetModule.UP_PROJ));
    try (TrainableLora parameters =
        decoder.trainable(LoraInitialization.random(model.config(), config, 3))) {
      assertThat(parameters.arrays()).hasSize(14);
      assertThat(parameters.toAdapter().tensors()).hasSize(8);
      assertThat(parameters.arrays().stream().filter(array -> array.size() > 0)).hasSize(4);
    }
  }

  private static LoraConfig patterned(
      Set<TargetModule> targets,
      Map<String, Integer> ranks,
      Map<String, Double> alphas,
      boolean rslora) {
    return new LoraConfig(4, 8, rslora, 0, targets, ranks, alphas, List.of());
  }

  /** Random A and B of every target, without the sites whose key contains {@code left}. */
  private LoraAdapter random(LoraConfig config, String left) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < model.config().numHiddenLayers(); layer++) {
      for (TargetModule module : config.targetModules()) {
        int rank = config.rank(layer, module);
        String a = LoraAdapter.key(layer, module, "lora_A");
        if (!a.contains(left)) {
          tensors.put(a, zeros(rank, module.inputSize(model.config())));
          tensors.put(
              LoraAdapter.key(layer, module, "lora_B"),
              zeros(module.outputSize(model.config()), rank));
        }
      }
    }
    return TestModels.randomized(LoraAdapter.of(config, tensors), 9);
  }

  private static HostTensor zeros(int rows, int columns) {
    return HostTensor.of(new float[rows * columns], rows, columns);
  }

  @Test
  void patternsOfRankAndAlphaEqualMergedWeights(@TempDir Path folder) {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("layers.0.self_attn.q_proj", 6);
    ranks.put("down_proj", 2);
    Map<String, Double> alphas =
        Map.of("layers.1.mlp.gate_proj", 3.0, "layers.1.self_attn.q_proj", 5.0);
    LoraConfig config = patterned(TargetModule.outsideOfExperts(), ranks, alphas, false);
    assertEqualsMerged(random(config, "layers.1.self_attn.v_proj"), folder);
  }

  @Test
  void rsloraEqualsMergedWeights(@TempDir Path folder) {
    LoraConfig config =
        patterned(TargetModule.outsideOfExperts(), Map.of("o_proj", 1), Map.of(), true);
    assertThat(config.scaling()).isEqualTo(4);
    assertEqualsMerged(random(config, "none"), folder);
  }

  /** Applied, and after a way through trainable form and back, an adapter is W + s·B·A. */
  private void assertEqualsMerged(LoraAdapter adapter, Path folder) {
    Path directory =
        SampleCheckpoints.rewrite(
            GOLDEN.directory(), folder, (name, tensor) -> merged(adapter, name, tensor));
    LoraAdapter back;
    try (TrainableLora parameters = decoder.trainable(adapter)) {
      back = parameters.toAdapter();
    }
    try (BaseModel merged = BaseModel.load(directory, WeightFormat.F32);
        AppliedLora weights = model.load(adapter);
        AppliedLora again = model.load(back)) {
      float[] expected = logits(merged, AdapterChoice.base());
      assertThat(Differences.relative(logits(model, AdapterChoice.of(weights)), expected))
          .isLessThanOrEqualTo(1e-5);
      assertThat(Differences.relative(logits(model, AdapterChoice.of(again)), expected))
          .isLessThanOrEqualTo(1e-5);
      assertThat(Differences.relative(logits(model, AdapterChoice.base()), expected))
          .isGreaterThan(0.1);
    }
  }

  private HostTensor merged(LoraAdapter adapter, String name, HostTensor tensor) {
    for (int layer = 0; layer < model.config().numHiddenLayers(); layer++) {
      for (TargetModule module : TargetModule.of(model.config())) {
        if (name.equals("model.layers." + layer + "." + module.path() + ".weight")
            && adapter.loraA(layer, module).isPresent()) {
          return plus(
              tensor,
              adapter.loraA(layer, module).orElseThrow(),
              adapter.loraB(layer, module).orElseThrow(),
              adapter.scaling(layer, module));
        }
      }
    }
    return tensor;
  }

  private static HostTensor plus(HostTensor weight, HostTensor a, HostTensor b, double scaling) {
    int rank = Math.toIntExact(a.shape()[0]);
    int in = Math.toIntExact(a.shape()[1]);
    float[] values = weight.toFloatArray();
    float[] left = b.toFloatArray();
    float[] right = a.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      double sum = 0;
      for (int r = 0; r < rank; r++) {
        sum += (double) left[i / in * rank + r] * right[r * in + i % in];
      }
      values[i] += (float) (scaling * sum);
    }
    return HostTensor.of(values, weight.shape());
  }

  private float[] logits(BaseModel of, AdapterChoice choice) {
    try (NDManager scope = of.unwrap(Decoder.class).newScope()) {
      return of.unwrap(Decoder.class).logits(scope, batch, List.of(choice, choice)).toFloatArray();
    }
  }
}
