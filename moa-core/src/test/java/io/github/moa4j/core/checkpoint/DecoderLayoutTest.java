package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.checkpoint.DecoderLayout.Part;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.config.ModelConfig;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderLayoutTest {

  private static DecoderLayout golden(String name) {
    return DecoderLayout.of(
        ModelConfig.read(TestCheckpoint.GOLDEN.resolve(name).resolve("config.json")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-gqa",
        "qwen2-tied",
        "qwen3-qknorm",
        "mistral-partial-rotary",
        "granite-multipliers",
        "smollm3-nope",
        "ministral-layertypes",
        "phi3-fused",
        "olmo2-postnorm",
        "gemma2-softcap",
        "gemma3-windows"
      })
  void namesExactlyTheTensorsOfEveryFamily(String name) {
    Map<String, List<Long>> stored = new HashMap<>();
    TestCheckpoint.golden(name)
        .tensors
        .forEach((tensor, value) -> stored.put(tensor, shape(value.shape())));
    Map<String, List<Long>> expected = new HashMap<>();
    golden(name).tensors().forEach((tensor, shape) -> expected.put(tensor, shape(shape)));
    assertThat(expected).isEqualTo(stored);
  }

  private static List<Long> shape(long[] dimensions) {
    return Arrays.stream(dimensions).boxed().toList();
  }

  @Test
  void placesHoldTheirPartsFromTopToBottom() {
    DecoderLayout qwen2 = golden("qwen2-tied");
    String layer = "model.layers.1.";
    assertThat(qwen2.weights(1, Place.GATE_UP))
        .containsExactly(layer + "mlp.gate_proj.weight", layer + "mlp.up_proj.weight");
    assertThat(qwen2.biases(1, Place.QUERIES_KEYS_VALUES))
        .containsExactly(
            layer + "self_attn.q_proj.bias",
            layer + "self_attn.k_proj.bias",
            layer + "self_attn.v_proj.bias");
    assertThat(qwen2.biases(1, Place.OUTPUT)).isEmpty();
    assertThat(qwen2.weights(1, Place.QUERY_KEY_NORM)).isEmpty();
    assertThat(List.of(qwen2.head(), qwen2.finalNorm()))
        .containsExactly(qwen2.embedding(), "model.norm.weight");
  }

  @Test
  void headsShareTheirNorms() {
    String q = "model.layers.0.self_attn.q_norm.weight";
    String k = "model.layers.0.self_attn.k_norm.weight";
    assertThat(golden("qwen3-qknorm").weights(0, Place.QUERY_KEY_NORM))
        .containsExactly(q, q, q, q, k, k);
  }

  @Test
  void wholeRowsHaveTheirNorms() {
    assertThat(golden("olmo2-postnorm").weights(0, Place.QUERY_KEY_NORM))
        .containsExactly(
            "model.layers.0.self_attn.q_norm.weight", "model.layers.0.self_attn.k_norm.weight");
    assertThat(golden("olmo2-postnorm").part("self_attn.q_norm").outputSize()).isEqualTo(48);
  }

  /** One name stands for another norm in Llama than in families with norms behind their halves. */
  @Test
  void normsHaveThePlacesOfTheirFamily() {
    String norm = "model.layers.0.post_attention_layernorm.weight";
    assertThat(golden("llama-gqa").weights(0, Place.FEED_FORWARD_NORM)).containsExactly(norm);
    for (String name : List.of("gemma2-softcap", "olmo2-postnorm")) {
      assertThat(golden(name).weights(0, Place.ATTENTION_OUTPUT_NORM)).containsExactly(norm);
    }
    assertThat(golden("olmo2-postnorm").weights(0, Place.INPUT_NORM)).isEmpty();
  }

  @Test
  void everyPlaceIsFilled() {
    Set<Place> places = EnumSet.noneOf(Place.class);
    for (String name : List.of("gemma3-windows", "mixtral-top2")) {
      golden(name).layer(0).stream().map(Part::place).forEach(places::add);
    }
    assertThat(places).containsExactlyInAnyOrder(Place.values());
    DecoderLayout llama = golden("llama-gqa");
    assertThat(llama.part("self_attn.k_proj").outputSize()).isEqualTo(32);
    assertThat(llama.part("mlp.down_proj").inputSize()).isEqualTo(176);
    assertThatThrownBy(() -> llama.part("self_attn.qkv_proj"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("qkv_proj");
  }
}
