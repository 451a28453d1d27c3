package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraAdapterTest {

  private static ModelConfig base(String name) {
    return ModelConfig.read(TestAdapter.GOLDEN.resolve(name).resolve("config.json"));
  }

  private static Map<String, HostTensor> pair(int layer, TargetModule module, int... sizes) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    int rank = sizes[1];
    tensors.put(
        LoraAdapter.key(layer, module, "lora_A"),
        HostTensor.of(new float[rank * sizes[0]], rank, sizes[0]));
    tensors.put(
        LoraAdapter.key(layer, module, "lora_B"),
        HostTensor.of(new float[sizes[2] * rank], sizes[2], rank));
    return tensors;
  }

  @Test
  void refusesAdapterOfAnotherBase() {
    LoraAdapter adapter = PeftFormat.read(TestAdapter.GOLDEN.resolve("qwen3-qknorm/adapter"));
    adapter.checkFits(base("qwen3-qknorm"));
    assertThatThrownBy(() -> adapter.checkFits(base("llama-gqa")))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll(
            "lora_B of model.layers.0.self_attn.q_proj", "[128, 4]", "expected [64, 4]");
  }

  @Test
  void refusesLayerThatTheBaseDoesNotHave() {
    LoraAdapter adapter =
        LoraAdapter.of(
            LoraConfig.of(2, 4, Set.of(TargetModule.Q_PROJ)),
            pair(2, TargetModule.Q_PROJ, 64, 2, 64));
    assertThatThrownBy(() -> adapter.checkFits(base("llama-gqa")))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll("model.layers.2.self_attn.q_proj", "layers 0 to 1");
  }

  @Test
  void copiesWhatItIsMadeOf() {
    float[] values = {1, 2};
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    Map<String, HostTensor> tensors = pair(0, TargetModule.K_PROJ, 2, 1, 2);
    tensors.replaceAll(
        (key, tensor) -> new HostTensor(tensor.dataType(), tensor.shape(), data.duplicate()));
    LoraAdapter adapter = LoraAdapter.of(LoraConfig.of(1, 1, Set.of(TargetModule.K_PROJ)), tensors);
    String hash = adapter.sha256();

    data.putInt(0, 0);
    tensors.clear();

    assertThat(adapter.sha256()).isEqualTo(hash);
    assertThat(adapter.loraA(0, TargetModule.K_PROJ).orElseThrow().toFloatArray())
        .containsExactly(1, 2);
    assertThat(adapter.loraB(1, TargetModule.K_PROJ)).isEmpty();
    assertThatThrownBy(() -> adapter.tensors().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void hashDependsOnValuesAndNotOnTheirOrder() {
    LoraAdapter golden = PeftFormat.read(TestAdapter.GOLDEN.resolve("llama-gqa/adapter"));
    Map<String, HostTensor> reversed = new LinkedHashMap<>();
    List<String> keys = List.copyOf(golden.tensors().keySet());
    for (int i = keys.size() - 1; i >= 0; i--) {
      reversed.put(keys.get(i), golden.tensors().get(keys.get(i)));
    }
    assertThat(LoraAdapter.of(golden.config(), reversed).sha256()).isEqualTo(golden.sha256());

    HostTensor first = reversed.get(keys.get(0));
    float[] values = first.toFloatArray();
    values[0] = Math.nextUp(values[0]);
    reversed.put(keys.get(0), HostTensor.of(values, first.shape()));
    assertThat(LoraAdapter.of(golden.config(), reversed).sha256()).isNotEqualTo(golden.sha256());
  }

  @ParameterizedTest
  @CsvSource({
    "q_proj, 0, Q_PROJ, true",
    "q_proj, 0, K_PROJ, false",
    "proj, 0, Q_PROJ, false",
    "self_attn.q_proj, 5, Q_PROJ, true",
    "model.layers.1.self_attn.q_proj, 1, Q_PROJ, true",
    "layers.1.self_attn.q_proj, 11, Q_PROJ, false",
    "'.*\\.mlp\\..*', 3, UP_PROJ, true",
    "(q|k)_proj, 3, K_PROJ, true",
    "q_proj|k_proj, 3, K_PROJ, true",
    "layers\\.[0-3]\\..*, 4, UP_PROJ, false",
  })
  void patternsNameModulesAsInPeft(String key, int layer, TargetModule module, boolean matches) {
    LoraConfig config =
        new LoraConfig(
            8, 16, false, 0, Set.of(TargetModule.values()), Map.of(key, 2), Map.of(), List.of());
    assertThat(config.rank(layer, module)).isEqualTo(matches ? 2 : 8);
    assertThat(config.scaling(layer, module)).isEqualTo(matches ? 8 : 2);
  }

  @Test
  void theFirstMatchingPatternCounts() {
    Map<String, Double> alphas = new LinkedHashMap<>();
    alphas.put("self_attn.q_proj", 4.0);
    alphas.put("q_proj", 2.0);
    LoraConfig config =
        new LoraConfig(1, 1, false, 0, Set.of(TargetModule.Q_PROJ), Map.of(), alphas, List.of());
    assertThat(config.scaling(0, TargetModule.Q_PROJ)).isEqualTo(4);
  }

  @Test
  void rsloraDividesByTheRootOfTheRank() {
    LoraConfig config = LoraConfig.of(16, 32, Set.of(TargetModule.Q_PROJ));
    assertThat(config.scaling()).isEqualTo(2);
    assertThat(config.withRslora(true).scaling()).isEqualTo(8);
    assertThat(config.withLoraDropout(0.1).loraDropout()).isEqualTo(0.1);
    assertThat(config.withAloraInvocationTokens(List.of(3)).aloraInvocationTokens())
        .containsExactly(3);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0", // a plain adapter applies to everything
    "'5 6', 3",
    "'4', 5",
    "'4 5 6', 2",
    "'6 5', -1",
    "'1 2 3 4 5 6 4 7', -1",
  })
  void activatedAdapterStartsWhereThePromptInvokesItLast(String invocation, int expected) {
    List<Integer> tokens =
        Stream.of(invocation.split(" ", -1))
            .filter(token -> !token.isEmpty())
            .map(Integer::valueOf)
            .toList();
    LoraConfig config =
        LoraConfig.of(1, 1, Set.of(TargetModule.Q_PROJ)).withAloraInvocationTokens(tokens);

    assertThat(config.activationPosition(new int[] {5, 6, 4, 5, 6, 4}).orElse(-1))
        .isEqualTo(expected);
  }

  @Test
  void refusesConfigurationsOutOfRange() {
    Set<TargetModule> targets = Set.of(TargetModule.Q_PROJ);
    LoraConfig config = LoraConfig.of(1, 1, targets);
    assertRefused(() -> LoraConfig.of(0, 1, targets), "rank");
    assertRefused(() -> LoraConfig.of(1, 0, targets), "loraAlpha");
    assertRefused(() -> LoraConfig.of(1, Double.NaN, targets), "loraAlpha");
    assertRefused(() -> LoraConfig.of(1, 1, Set.of()), "targetModules");
    assertRefused(() -> config.withLoraDropout(1), "loraDropout");
    assertRefused(() -> config.withAloraInvocationTokens(List.of(-1)), "aloraInvocationTokens");
  }

  private static void assertRefused(Runnable action, String component) {
    assertThatThrownBy(action::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(component);
  }
}
