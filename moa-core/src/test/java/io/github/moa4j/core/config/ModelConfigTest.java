package io.github.moa4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.checkpoint.TestCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {

  private static final String MISTRAL =
      "{'model_type': 'mistral', 'architectures': ['MistralForCausalLM']";

  @TempDir private Path folder;

  /** Reads a golden configuration with some keys replaced; a JSON object in single quotes. */
  private ModelConfig read(String golden, String changes) {
    TestCheckpoint checkpoint = TestCheckpoint.golden(golden);
    try {
      JsonNode json = new JsonMapper().readTree(changes.replace('\'', '"'));
      json.properties().forEach(e -> checkpoint.config.set(e.getKey(), e.getValue()));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
    checkpoint.writeConfig(folder);
    return ModelConfig.read(folder.resolve("config.json"));
  }

  private void assertRefused(String golden, String changes, String... parts) {
    assertThatThrownBy(() -> read(golden, changes))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.resolve("config.json").toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void readsLlama() {
    assertThat(read("llama-gqa", "{}"))
        .isEqualTo(TestCheckpoint.config(RopeConfig.plain(10_000, 16)));
  }

  @Test
  void readsLlama3Rope() {
    ModelConfig config = read("llama3-rope", "{}");
    assertThat(config.rope())
        .isEqualTo(new RopeConfig(500_000, 16, new RopeScaling.Llama3(8, 1, 4, 64)));
    assertThat(config.tieWordEmbeddings()).isTrue();
  }

  @Test
  void qwen2HasBiasesOnQueriesKeysAndValuesOnly() {
    ModelConfig config = read("qwen2-tied", "{'attention_bias': true}");
    assertThat(config.attentionBias()).isTrue();
    assertThat(config.outputBias()).isFalse();
    assertThat(config.queryKeyNorm()).isFalse();
  }

  @Test
  void qwen3NormalisesQueriesAndKeys() {
    ModelConfig config = read("qwen3-qknorm", "{}");
    assertThat(config.queryKeyNorm()).isTrue();
    assertThat(config.attentionBias()).isFalse();
    assertThat(config.headDim()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-gqa", "qwen3-qknorm"})
  void attentionBiasCoversTheOutputToo(String golden) {
    ModelConfig config = read(golden, "{'attention_bias': true}");
    assertThat(config.attentionBias()).isTrue();
    assertThat(config.outputBias()).isTrue();
  }

  @Test
  void readsMlpBias() {
    assertThat(read("llama-gqa", "{'mlp_bias': true}").mlpBias()).isTrue();
  }

  @Test
  void derivesWhatIsNull() {
    ModelConfig config =
        read(
            "llama-gqa",
            "{'head_dim': null, 'num_key_value_heads': null, 'rope_theta': null,"
                + " 'rope_scaling': null, 'tie_word_embeddings': null, 'hidden_act': null}");
    assertThat(config.headDim()).isEqualTo(16);
    assertThat(config.numKeyValueHeads()).isEqualTo(4);
    assertThat(config.rope()).isEqualTo(RopeConfig.plain(10_000, 16));
    assertThat(config.tieWordEmbeddings()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"4096, 4096", "null, 0"})
  void mistralHonoursItsSlidingWindow(String value, int window) {
    String changes = MISTRAL + ", 'sliding_window': " + value + "}";
    assertThat(read("llama-gqa", changes).slidingWindow()).isEqualTo(window);
  }

  @Test
  void qwenIgnoresASlidingWindowThatIsOff() {
    assertThat(
            read("qwen2-tied", "{'use_sliding_window': false, 'sliding_window': 4096}")
                .slidingWindow())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'rope_scaling': {'type': 'linear', 'factor': 4}}",
        "{'rope_scaling': {'rope_type': 'linear', 'factor': 4.0}}",
        "{'rope_theta': null,"
            + " 'rope_parameters': {'rope_type': 'linear', 'factor': 4, 'rope_theta': 10000}}"
      })
  void readsLinearScaling(String changes) {
    assertThat(read("llama-gqa", changes).rope())
        .isEqualTo(new RopeConfig(10_000, 16, new RopeScaling.Linear(4)));
  }

  @Test
  void readsThetaFromRopeParameters() {
    String changes = "{'rope_parameters': {'rope_type': 'default', 'rope_theta': 5000}}";
    assertThat(read("llama-gqa", changes).rope()).isEqualTo(RopeConfig.plain(5000, 16));
  }

  /** Random files with random keys left out, against what transformers 5.18 makes of them. */
  @Test
  void missingKeysMeanWhatTheyMeanInTransformers() throws IOException {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("config-defaults.json")) {
      cases = new JsonMapper().readTree(in);
    }
    assertThat(cases).hasSize(160);
    for (JsonNode sample : cases) {
      Path file = Files.writeString(folder.resolve("config.json"), sample.get("config").toString());
      JsonNode expected = sample.get("expected");
      ModelConfig config = ModelConfig.read(file);
      if (expected.get("slidingWindow").isNull()) { // some layers of the model have a window
        assertThat(config.attention())
            .as("%s", sample)
            .contains(new LayerAttention(true, true), LayerAttention.FULL);
        continue;
      }
      ObjectNode found = new JsonMapper().valueToTree(config);
      found.put("theta", config.rope().theta());
      expected
          .properties()
          .forEach(
              entry ->
                  assertThat(found.get(entry.getKey()).asText())
                      .as("%s of %s", entry.getKey(), sample)
                      .isEqualTo(entry.getValue().asText()));
    }
  }

  private static ModelConfig published(String name) {
    return ModelConfig.read(Path.of("src/test/resources/configs", name, "config.json"));
  }

  @Test
  void mistralWithoutTheKeyHasAWindowOf4096() {
    assertThat(published("mistral-no-window").slidingWindow()).isEqualTo(4096);
  }

  @Test
  void honoursAPartialRotaryFactorInsideTheRotarySettings() {
    assertThat(published("rope-partial").rope())
        .isEqualTo(new RopeConfig(77, 8, new RopeScaling.None()));
    String both =
        "{'partial_rotary_factor': 0.25, 'rope_parameters': {'partial_rotary_factor': 0.5}}";
    assertThat(read("llama-gqa", both).rope().rotaryDims()).isEqualTo(8);
  }

  @Test
  void refusesLayerTypesThatTurnDifferently() {
    assertThatThrownBy(() -> published("rope-per-layer-type"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("full_attention and sliding_attention", "one theta");
  }

  @Test
  void honoursLayerTypesThatTurnAlike() {
    String alike =
        "{'rope_theta': 77, 'rope_parameters': {'full_attention': {'rope_type': 'default',"
            + " 'rope_theta': 77.0}, 'sliding_attention': {'type': 'default'}}}";
    assertThat(read("llama-gqa", alike).rope()).isEqualTo(RopeConfig.plain(77, 16));
    String one = "{'rope_parameters': {'full_attention': {'rope_theta': 78}}}";
    assertThat(read("llama-gqa", one).rope()).isEqualTo(RopeConfig.plain(78, 16));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'rope_scaling': {}, 'rope_parameters': {'rope_theta': 9.0}}",
        "{'rope_scaling': null, 'rope_parameters': {'rope_theta': 9, 'factor': null}}",
        "{'rope_theta': 9.0, 'rope_parameters': {}}",
        "{'rope_scaling': {'rope_theta': 9}, 'rope_parameters': {'rope_theta': 8}}",
        "{'rope_scaling': {'rope_type': 'default', 'type': 'yarn', 'rope_theta': 9}}",
        "{'rope_theta': 9, 'rope_parameters': {'full_attention': null}}",
      })
  void readsEverySpellingOfATheta(String changes) {
    assertThat(read("llama-gqa", changes).rope()).isEqualTo(RopeConfig.plain(9, 16));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'rope_parameters': {'rope_theta': 9, 'base': 5}} | rope_parameters.base",
        "{'rope_scaling': {'type': 'linear', 'factor': 2, 'beta_fast': 1}} | rope_scaling.beta_fast",
        "{'rope_scaling': {'type': 'dynamic', 'factor': 2, 'alpha': 1}} | rope_scaling.alpha",
        "{'rope_scaling': {'type': 'yarn', 'factor': 2, 'attn_factor': 1}} | attn_factor",
        "{'rope_scaling': {'type': 'llama3', 'factor': 2, 'truncate': true}} | truncate",
        "{'rope_scaling': {'type': 'mrope', 'mrope_section': [1, 2]}} | of type mrope",
        "{'rope_scaling': {'type': 'default', 'mrope_section': [1]}} | rope_scaling.mrope_section",
        "{'rope_scaling': {'type': 'su', 'short_factor': []}} | rope_scaling.long_factor is missing",
        "{'rope_parameters': {'main': {'rope_theta': 3}}} | rope_parameters.main",
        "{'rope_parameters': {'full_attention': {'rope_theta': 3}, 'rope_theta': 3}}"
            + " | rope_parameters.full_attention",
        "{'rope_parameters': {'full_attention': {'base': 3}}} | rope_parameters.full_attention.base",
        "{'rope_scaling': {'type': 'dynamic', 'factor': 2, 'original_max_position_embeddings': 8}}"
            + " | equal to max_position_embeddings (256)",
        "{'rope_scaling': {'type': 'longrope', 'short_factor': [1], 'long_factor': [1]}}"
            + " | shortFactor has 1 numbers, but half of rotaryDims is 8",
        "{'rope_scaling': {'type': 'longrope', 'short_factor': [1]}} | long_factor is missing",
        "{'rope_scaling': {'type': 'longrope', 'short_factor': ['1'], 'long_factor': []}}"
            + " | short_factor[0]",
        "{'rope_scaling': {'type': 'yarn', 'factor': -1}} | factor is -1",
        "{'rope_theta': 1, 'rope_scaling': {'type': 'yarn', 'factor': 2}} | theta above 1",
        "{'rope_scaling': {'type': 'yarn', 'factor': 2, 'mscale': -20, 'mscale_all_dim': 1}}"
            + " | attentionFactor",
        "{'head_dim': 2, 'rope_scaling': {'type': 'dynamic', 'factor': 2}} | dynamic",
        "{'rope_scaling': 'yarn'} | rope_scaling is",
      })
  void refusesRotarySettingsByName(String changes, String name) {
    assertRefused("llama-gqa", changes, name);
  }

  @Test
  void windowsAreThoseOfTheLayersThatHaveThem() {
    String on = "{'use_sliding_window': true, 'sliding_window': 128, ";
    assertThat(read("qwen2-tied", on + "'max_window_layers': 0}").slidingWindow()).isEqualTo(128);
    assertThat(read("qwen2-tied", on + "'max_window_layers': 2}").slidingWindow()).isZero();
    assertThat(
            read("qwen3-qknorm", on + "'layer_types': ['sliding_attention', 'sliding_attention']}")
                .slidingWindow())
        .isEqualTo(128);
    assertThat(
            read("qwen3-qknorm", on + "'layer_types': ['full_attention', 'full_attention']}")
                .slidingWindow())
        .isZero();
    assertRefused(
        "llama-gqa",
        MISTRAL + ", 'layer_types': ['full_attention', 'sliding_attention']}",
        "a sliding_window of 4096 with layers of full_attention");
    assertRefused("llama-gqa", "{'layer_types': ['full_attention']}", "each of the 2 layers");
    assertRefused(
        "llama-gqa",
        "{'layer_types': ['linear_attention', 'full_attention']}",
        "full_attention or sliding_attention for each of the 2 layers");
    assertRefused(
        "llama-gqa",
        "{'layer_types': ['sliding_attention', 'full_attention']}",
        "no sliding window with layers of sliding_attention");
  }

  @Test
  void passesOverNotANumberWhereNobodyReadsIt() throws IOException {
    TestCheckpoint checkpoint = TestCheckpoint.golden("llama-gqa");
    String json = checkpoint.config.toString();
    Path file = folder.resolve("config.json");
    Files.writeString(file, json.replaceFirst("\\{", "{\"a\": NaN, \"b\": [-Infinity, Infinity],"));
    assertThat(ModelConfig.read(file).rope()).isEqualTo(RopeConfig.plain(10_000, 16));

    for (String number : List.of("NaN", "Infinity", "-Infinity")) {
      Files.writeString(file, json.replace("10000.0", number));
      assertThatThrownBy(() -> ModelConfig.read(file))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll(file.toString(), "rope_theta is", "a positive number");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'pretraining_tp': 2, 'attention_dropout': 0.1, 'torch_dtype': 'float64'}",
        "{'hidden_act': 'swish', 'use_cache': false, 'initializer_range': 0.9}",
        "{'attn_logit_softcapping': null, 'residual_multiplier': 1.0, 'logits_scaling': 1}",
        "{'num_experts': 0, 'use_qk_norm': false, 'is_causal': true, 'sliding_window': 7}",
        "{'architectures': ['LLaMAForCausalLM', 'LlamaModel'], 'auto_map': {'AutoModel': 'x'}}",
        "{'rope_interleaved': false, 'is_llama_config': true, 'js_config': {'dtype': 'q4'}}",
        "{'architectures': null, 'bos_token_id': null, 'eos_token_id': [1, 2]}",
      })
  void ignoresWhatChangesNothing(String changes) {
    assertThat(read("llama-gqa", changes)).isEqualTo(read("llama-gqa", "{}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'attn_logit_softcapping': 50.0} | attn_logit_softcapping 50.0",
        "{'final_logit_softcapping': 30} | final_logit_softcapping 30",
        "{'query_pre_attn_scalar': 256} | query_pre_attn_scalar 256",
        "{'residual_multiplier': 0.22} | residual_multiplier 0.22",
        "{'embedding_multiplier': 12} | embedding_multiplier 12",
        "{'logits_scaling': 8} | logits_scaling 8",
        "{'attention_multiplier': 0.5} | attention_multiplier 0.5",
        "{'num_local_experts': 8} | num_local_experts 8",
        "{'no_rope_layers': [1, 0]} | no_rope_layers [1,0]",
        "{'is_causal': false} | is_causal false",
        "{'use_qk_norm': true} | use_qk_norm true",
        "{'alibi': true} | alibi true",
        "{'rope_interleaved': true} | rope_interleaved true",
        "{'quantization_config': {'quant_method': 'gptq'}} | quantization_config",
        "{'architectures': ['BitnetForCausalLM']} | the architecture BitnetForCausalLM",
        "{'architectures': ['LlamaForSequenceClassification']} | LlamaForSequenceClassification",
        "{'model_type': 'llava', 'text_config': {'model_type': 'llama'}} | several modalities",
        "{'vision_config': {}} | vision_config",
        "{'model_type': 'gemma3n_text'} | llama, mistral, qwen2, qwen3",
      })
  void refusesArithmeticItDoesNotHave(String changes, String name) {
    assertRefused("llama-gqa", changes, name, "not supported");
  }

  /** As the authors of the method published their models, for code of their own. */
  @Test
  void readsTheFirstModelsWithYarn() {
    String changes =
        MISTRAL
            + ", 'max_position_embeddings': 32768, 'max_sequence_length': 131072, 'rope_scaling':"
            + " {'factor': 16.0, 'finetuned': true, 'original_max_position_embeddings': 8192,"
            + " 'type': 'yarn'}}";
    assertThat(read("llama-gqa", changes).rope().scaling())
        .isEqualTo(new RopeScaling.Yarn(16, 8192, 32, 1, true, 0.1 * Math.log(16) + 1));
    assertThat(read("llama-gqa", changes).contextLength()).isEqualTo(131_072);
  }

  @Test
  void quotesLittleOfTheFile() {
    String long1 = "x".repeat(100_000);
    assertThatThrownBy(() -> read("llama-gqa", "{'model_type': '" + long1 + "'}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    assertThatThrownBy(() -> read("llama-gqa", "{'hidden_size': '" + long1 + "'}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    assertThatThrownBy(() -> read("llama-gqa", "{'rope_scaling': {'" + long1 + "': 1}}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'model_type': 'gpt_oss'} | gpt_oss | llama, mistral, qwen2, qwen3",
        "{'model_type': null} | model_type | missing",
        "{'hidden_act': 'gelu'} | hidden_act gelu | only silu",
        "{'quantization_config': {'quant_method': 'gptq'}} | quantization_config | bf16",
        "{'rope_scaling': {'type': 'ntk', 'factor': 4}} | rope_scaling of type ntk | llama3",
        "{'rope_scaling': {'type': 'linear'}} | rope_scaling.factor | missing",
        "{'rope_scaling': 3} | rope_scaling | an object",
        "{'partial_rotary_factor': 0.45} | partial_rotary_factor is 0.45 | even number of the 16",
        "{'partial_rotary_factor': 1.5} | partial_rotary_factor is 1.5 | share of 1 or less",
        "{'hidden_size': null} | hidden_size | missing",
        "{'hidden_size': -64} | hidden_size is -64 | integer of 1 to",
        "{'hidden_size': '64'} | hidden_size is \"64\" | integer of 1 to",
        "{'hidden_size': 64.5} | hidden_size | integer of 1 to",
        "{'hidden_size': 99999999999} | hidden_size | integer of 1 to",
        "{'hidden_size': 66} | hidden_size (66) | num_attention_heads (4)",
        "{'num_hidden_layers': 0} | num_hidden_layers | integer of 1 to",
        "{'num_hidden_layers': 2000000000} | numHiddenLayers | 10000",
        "{'num_key_value_heads': 3} | numKeyValueHeads (3) | numAttentionHeads (4)",
        "{'head_dim': 15} | rotaryDims (15) | even",
        "{'rms_norm_eps': 'small'} | rms_norm_eps | positive number",
        "{'rms_norm_eps': 0} | rms_norm_eps | positive number",
        "{'vocab_size': []} | vocab_size | integer of 1 to",
        "{'tie_word_embeddings': 1} | tie_word_embeddings | true or false",
      })
  void refusesWhatItWouldComputeWrongly(String changes, String first, String second) {
    assertRefused("llama-gqa", changes, first, second);
  }

  @Test
  void someLayersOfQwenMayHaveAWindow() {
    ModelConfig upper =
        read(
            "qwen2-tied",
            "{'use_sliding_window': true, 'sliding_window': 128, 'max_window_layers': 1}");
    assertThat(upper.slidingWindow()).isEqualTo(128);
    assertThat(upper.attention())
        .containsExactly(LayerAttention.FULL, new LayerAttention(true, true));
    assertRefused(
        "qwen3-qknorm",
        "{'layer_types': ['full_attention', 'sliding_attention']}",
        "no sliding window with layers of sliding_attention");
  }

  @Test
  void aWindowOrAMultiplierThatIsDefaultInAFamilyNeedsNoKey() {
    ModelConfig smol = read("smollm3-nope", "{'no_rope_layers': null}");
    assertThat(smol.tieWordEmbeddings()).isTrue();
    assertThat(smol.attention())
        .extracting(LayerAttention::rotated)
        .containsExactly(true, true, true, false);
    ModelConfig windowed =
        read(
            "smollm3-nope",
            "{'layer_types': null, 'use_sliding_window': true, 'sliding_window': 16}");
    assertThat(windowed.slidingWindow()).isEqualTo(16);
    assertThat(windowed.attention())
        .extracting(LayerAttention::windowed)
        .containsExactly(false, false, false, true);
    assertThat(read("smollm3-nope", "{'no_rope_layers': [1, 1, 0, 1, 1, 0]}").attention().get(2))
        .isEqualTo(new LayerAttention(false, false));
    assertRefused("smollm3-nope", "{'no_rope_layers': [1]}", "no_rope_layers");
    assertThat(read("granite-multipliers", "{}").multipliers())
        .isEqualTo(new Multipliers(12, 0.125, 0.22, 0.5));
    assertThat(read("granite-multipliers", "{'attention_multiplier': null}").multipliers())
        .isEqualTo(new Multipliers(12, 1, 0.22, 0.5));
    assertRefused("granite-multipliers", "{'logits_scaling': 0}", "logits_scaling");
    assertRefused("llama-gqa", "{'residual_multiplier': 0.5}", "residual_multiplier");
    assertThat(read("ministral-layertypes", "{'layer_types': null}").attention())
        .containsOnly(new LayerAttention(true, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {"{\"model_type\": | not valid JSON", "[] | JSON object", "{} {} | not valid JSON"})
  void refusesMalformedFile(String content, String complaint) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), content);
    assertThatThrownBy(() -> ModelConfig.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(file.toString(), complaint);
  }

  @Test
  void refusesMissingFile() {
    assertThatThrownBy(() -> ModelConfig.read(folder.resolve("config.json")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("There is no file");
  }
}
