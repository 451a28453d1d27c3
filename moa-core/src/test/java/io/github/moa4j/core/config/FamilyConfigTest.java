package io.github.moa4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.config.DecoderDesign.Activation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the keys of each family mean; expected values are those of transformers 5.18. */
class FamilyConfigTest {

  private static final String SMALL =
      "'hidden_size': 64, 'num_attention_heads': 4, 'num_key_value_heads': 2, 'head_dim': 16,"
          + " 'num_hidden_layers': 6, 'intermediate_size': 96, 'vocab_size': 100";

  @TempDir Path folder;

  private ModelConfig read(String modelType, String more) {
    String json = "{'model_type': '" + modelType + "', " + SMALL + more + "}";
    try {
      Path file = folder.resolve("config.json");
      return ModelConfig.read(Files.writeString(file, json.replace('\'', '"')));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 1 for each layer with a window. */
  private static String windowed(ModelConfig config) {
    return flags(config.attention().stream().map(LayerAttention::windowed).toList());
  }

  private static String rotated(ModelConfig config) {
    return flags(config.attention().stream().map(LayerAttention::rotated).toList());
  }

  private static String flags(List<Boolean> flags) {
    return flags.stream().map(flag -> flag ? "1" : "0").collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "ministral | | 4096 | 111111",
        "ministral | , 'sliding_window': null | 0 | 000000",
        "ministral | , 'sliding_window': 1 | 1 | 111111",
        "phi3 | | 0 | 000000",
        "phi3 | , 'sliding_window': 2047 | 2047 | 111111",
        "granite | , 'sliding_window': 7 | 0 | 000000",
        "olmo2 | , 'sliding_window': 7 | 0 | 000000",
        "gemma2 | | 4096 | 101010",
        "gemma2 | , 'sliding_window': null | 0 | 000000",
        "gemma2 | , 'layer_types': null, 'sliding_window': 8 | 8 | 101010",
        "gemma3_text | | 4096 | 111110",
        "gemma3_text | , 'sliding_window_pattern': 2 | 4096 | 101010",
        "gemma3_text | , '_sliding_window_pattern': 3 | 4096 | 110110",
        "gemma3_text | , 'sliding_window_pattern': 1 | 0 | 000000",
        "smollm3 | , 'sliding_window': 9 | 0 | 000000",
        "smollm3 | , 'use_sliding_window': true, 'sliding_window': 9 | 9 | 000100",
        "smollm3 | , 'use_sliding_window': true | 0 | 000000",
      })
  void windowsAreThoseOfTheFamily(String family, String keys, int window, String layers) {
    ModelConfig config = read(family, keys == null ? "" : keys);
    assertThat(config.slidingWindow()).isEqualTo(window);
    assertThat(windowed(config)).isEqualTo(layers);
  }

  @Test
  void layerTypesWin() {
    String types =
        ", 'sliding_window': 8, 'layer_types': ['full_attention', 'full_attention',"
            + " 'sliding_attention', 'full_attention', 'full_attention', 'sliding_attention']";
    for (String family : List.of("ministral", "gemma2", "gemma3_text")) {
      assertThat(windowed(read(family, types))).as(family).isEqualTo("001001");
    }
    assertThatThrownBy(() -> read("phi3", types))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("every layer");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        ", 'no_rope_layers': [1, 1, 0, 1, 1, 0] | 110110",
        ", 'no_rope_layers': [0, 1, 1, 1, 1, 1, 0, 0] | 011111",
        ", 'no_rope_layers': null | 111011",
        ", 'no_rope_layers': null, 'no_rope_layer_interval': 2 | 101010",
      })
  void oneMeansTurnedInSmolLm(String keys, String layers) {
    assertThat(rotated(read("smollm3", keys))).isEqualTo(layers);
  }

  @Test
  void absentKeysMeanTheFamilysDefaults() {
    assertThat(read("smollm3", "").tieWordEmbeddings()).isTrue();
    assertThat(read("smollm3", "").rope().theta()).isEqualTo(2e6);
    assertThat(read("granite", "").tieWordEmbeddings()).isFalse();
    assertThat(read("granite", "").multipliers()).isEqualTo(new Multipliers(1, 1, 1, 1));
    assertThat(read("olmo2", "").rmsNormEps()).isEqualTo(1e-5);
    assertThat(read("phi3", "").rmsNormEps()).isEqualTo(1e-5);
    ModelConfig gemma = read("gemma2", "");
    assertThat(gemma.tieWordEmbeddings()).isTrue();
    assertThat(gemma.multipliers()).isEqualTo(new Multipliers(8, 1 / 16.0, 1, 1));
    assertThat(gemma.design().scoreCap()).isEqualTo(50);
    assertThat(gemma.design().logitCap()).isEqualTo(30);
    assertThat(read("gemma3_text", "").rope().theta()).isEqualTo(1e6);
    assertThat(read("gemma3_text", "").windowRope().theta()).isEqualTo(1e4);
    assertThat(read("gemma3_text", "").design().logitCap()).isZero();
  }

  @Test
  void multipliersMayBeWhole() {
    String keys =
        ", 'embedding_multiplier': 12, 'attention_multiplier': 0.25, 'logits_scaling': 8,"
            + " 'residual_multiplier': 0.22, 'attention_dropout': 0.1";
    assertThat(read("granite", keys).multipliers())
        .isEqualTo(new Multipliers(12, 0.25, 0.22, 1 / 8.0));
  }

  @Test
  void nullTakesABoundAway() {
    String none = ", 'attn_logit_softcapping': null, 'final_logit_softcapping': null";
    assertThat(read("gemma2", none).design().scoreCap()).isZero();
    assertThat(read("gemma2", none).design().logitCap()).isZero();
    String both = ", 'attn_logit_softcapping': 3, 'final_logit_softcapping': 2.5";
    assertThat(read("gemma2", both).design().scoreCap()).isEqualTo(3);
    // transformers passes over it in this family
    assertThat(read("gemma3_text", both).design().scoreCap()).isZero();
    assertThat(read("gemma3_text", both).design().logitCap()).isEqualTo(2.5);
  }

  @Test
  void gemmaHasItsOwnKeyForTheActivation() {
    assertThat(read("gemma2", ", 'hidden_act': 'silu'").design().activation())
        .isEqualTo(Activation.GELU_TANH);
    assertThat(read("gemma2", ", 'hidden_activation': 'gelu'").design().activation())
        .isEqualTo(Activation.GELU);
    assertThatThrownBy(() -> read("gemma2", ", 'hidden_activation': 'relu'"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("hidden_activation", "relu", "gelu_pytorch_tanh");
  }

  @Test
  void thetasOfGemmaAreReadInBothSpellings() {
    ModelConfig older =
        read(
            "gemma3_text",
            ", 'rope_theta': 500, 'rope_local_base_freq': 70,"
                + " 'rope_scaling': {'rope_type': 'linear', 'factor': 8.0}");
    ModelConfig newer =
        read(
            "gemma3_text",
            ", 'rope_parameters': {'full_attention': {'rope_type': 'linear', 'factor': 8.0,"
                + " 'rope_theta': 500}, 'sliding_attention': {'rope_theta': 70}}");
    assertThat(older.rope()).isEqualTo(new RopeConfig(500, 16, new RopeScaling.Linear(8)));
    assertThat(older.windowRope()).isEqualTo(RopeConfig.plain(70, 16));
    assertThat(newer.rope()).isEqualTo(older.rope());
    assertThat(newer.windowRope()).isEqualTo(older.windowRope());
  }

  @ParameterizedTest
  @CsvSource({"longrope", "su", "yarn"})
  void phisOlderFilesHaveOtherNamesForItsScaling(String type) {
    ModelConfig config =
        read(
            "phi3",
            ", 'max_position_embeddings': 131072, 'original_max_position_embeddings': 4096,"
                + " 'partial_rotary_factor': 0.25, 'rope_scaling': {'type': '"
                + type
                + "', 'short_factor': [1.0, 1.5], 'long_factor': [2, 3]}");
    assertThat(config.rope().rotaryDims()).isEqualTo(4);
    RopeScaling.LongRope scaling = (RopeScaling.LongRope) config.rope().scaling();
    assertThat(scaling.longFactor()).containsExactly(2.0, 3.0);
    assertThat(scaling.originalMaxPositionEmbeddings()).isEqualTo(4096);
    assertThat(scaling.attentionFactor())
        .isCloseTo(Math.sqrt(1 + Math.log(32) / Math.log(4096)), within(1e-12));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "gemma3 | , 'text_config': {'model_type': 'gemma3_text'} | several modalities",
        "gemma3n | , 'text_config': {} | several modalities",
        "gpt_oss | | gpt_oss",
        "granitemoehybrid | | granitemoehybrid",
        "jamba | , 'num_experts': 16 | jamba",
        "falcon_h1 | | falcon_h1",
        "bamba | | bamba",
        "qwen3_next | , 'num_experts': 512 | qwen3_next",
        "qwen2_moe | , 'num_experts': 60 | qwen2_moe",
        "deepseek_v3 | , 'n_routed_experts': 256 | deepseek_v3",
        "mllama | , 'vision_config': {} | several modalities",
        "mistral3 | , 'text_config': {'model_type': 'ministral3'} | several modalities",
        "ministral3 | | ministral3",
        "gemma4_text | | gemma4_text",
        "olmo3 | , 'sliding_window': 4096 | olmo3",
        "granitemoe | , 'num_local_experts': 40 | granitemoe",
        "phimoe | , 'num_local_experts': 16 | phimoe",
        "phi4mm | | phi4mm",
        "mistral | , 'num_local_experts': 8 | num_local_experts",
        "qwen3 | , 'num_experts': 128 | num_experts",
        "qwen3_moe | , 'shared_expert_intermediate_size': 512 | shared_expert_intermediate_size",
        "gemma3_text | , 'use_bidirectional_attention': true | use_bidirectional_attention",
        "llama | , 'query_pre_attn_scalar': 9 | query_pre_attn_scalar",
        "olmo2 | , 'embedding_multiplier': 2 | embedding_multiplier",
        "granite | , 'final_logit_softcapping': 2.0 | final_logit_softcapping",
      })
  void refusesWhatItDoesNotHave(String family, String keys, String name) {
    assertThatThrownBy(() -> read(family, keys == null ? "" : keys))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(name, "not supported");
  }

  @Test
  void experts() {
    ModelConfig mixtral = read("mixtral", "");
    assertThat(mixtral.experts().count()).isEqualTo(8);
    assertThat(mixtral.experts().perToken()).isEqualTo(2);
    assertThat(mixtral.experts().sharesAddUp()).isTrue();
    assertThat(mixtral.experts().intermediateSize()).isEqualTo(mixtral.intermediateSize());
    assertThat(mixtral.experts().layers()).doesNotContain(false);
    assertThat(mixtral.slidingWindow()).isZero();

    Experts qwen = read("qwen3_moe", "").experts();
    assertThat(qwen.count()).isEqualTo(128);
    assertThat(qwen.perToken()).isEqualTo(8);
    assertThat(qwen.sharesAddUp()).isFalse();
    assertThat(qwen.intermediateSize()).isEqualTo(768);
    assertThat(qwen.layers()).doesNotContain(false);
    assertThat(read("qwen3_moe", ", 'num_local_experts': 9").experts().count()).isEqualTo(9);
    String coder = ", 'use_qk_norm': true, 'qkv_bias': false, 'shared_expert_intermediate_size': 0";
    assertThat(read("qwen3_moe", coder).experts()).isEqualTo(qwen);
    assertThat(read("qwen3_moe", ", 'decoder_sparse_step': 2").experts().layers())
        .startsWith(false, true);
    assertThat(read("qwen3_moe", ", 'mlp_only_layers': [0]").experts().in(0)).isFalse();
    assertThat(read("qwen3_moe", ", 'num_experts': 0").experts()).isEqualTo(Experts.NONE);
    ModelConfig windowed =
        read("qwen3_moe", ", 'use_sliding_window': true, 'max_window_layers': 9");
    assertThat(windowed.attention()).allMatch(LayerAttention::windowed);
    assertThat(read("qwen3_moe", "").slidingWindow()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "mixtral | , 'num_local_experts': 0 | num_local_experts",
        "mixtral | , 'num_local_experts': 4, 'num_experts_per_tok': 5 | 1 to 4",
        "qwen3_moe | , 'num_experts': 4, 'num_local_experts': 5 | num_local_experts",
        "qwen3_moe | , 'num_experts': 2000000000, 'num_experts_per_tok': 1 | over 100000",
        "qwen3_moe | , 'num_experts': 'many' | num_experts",
        "qwen3_moe | , 'mlp_only_layers': [-1] | mlp_only_layers",
      })
  void refusesImpossibleExperts(String family, String keys, String name) {
    assertThatThrownBy(() -> read(family, keys))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(name);
  }

  @Test
  void noCodeButTheFamiliesKnowsOne() throws IOException {
    for (String module : List.of("moa-core", "moa-router", "moa-training")) {
      try (Stream<Path> sources = Files.walk(Path.of("..", module, "src", "main"))) {
        for (Path source : sources.filter(Files::isRegularFile).toList()) {
          String text = Files.readString(source, StandardCharsets.ISO_8859_1);
          if (!source.endsWith("DecoderFamily.java")) {
            assertThat(DecoderFamily.modelTypes())
                .as(source.toString())
                .noneMatch(family -> text.contains('"' + family + '"'));
          }
          assertThat(text).as(source.toString()).doesNotContain("modelType().equals");
        }
      }
    }
  }
}
