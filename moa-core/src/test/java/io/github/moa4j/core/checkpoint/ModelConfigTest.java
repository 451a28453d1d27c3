package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'model_type': 'gemma2'} | gemma2 | llama, mistral, qwen2, qwen3",
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
  void refusesQwensSlidingWindows() {
    assertRefused(
        "qwen2-tied",
        "{'use_sliding_window': true, 'sliding_window': 128, 'max_window_layers': 1}",
        "a sliding_window of 128",
        "full_attention and sliding_attention",
        "use_sliding_window false");
    assertRefused(
        "qwen3-qknorm",
        "{'layer_types': ['full_attention', 'sliding_attention']}",
        "sliding_attention");
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
