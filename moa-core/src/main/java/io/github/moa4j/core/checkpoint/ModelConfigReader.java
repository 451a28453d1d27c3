package io.github.moa4j.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads {@code config.json} with the defaults of Hugging Face's own configuration classes. Whatever
 * would change the computation and is not implemented is refused by name.
 */
final class ModelConfigReader {

  private static final List<String> SUPPORTED = List.of("llama", "mistral", "qwen2", "qwen3");
  private static final double DEFAULT_ROPE_THETA = 10_000;
  private static final int QWEN3_HEAD_DIM = 128; // Qwen3Config, where the key is missing

  private final JsonFile json;
  private final String modelType;

  private ModelConfigReader(JsonFile json) {
    this.json = json;
    this.modelType = json.text("model_type");
  }

  static ModelConfig read(Path file) {
    ModelConfigReader reader = new ModelConfigReader(JsonFile.read(file));
    reader.refuseUnsupported();
    try {
      return reader.config();
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file + ": " + e.getMessage() + ".", e);
    }
  }

  private void refuseUnsupported() {
    if (!SUPPORTED.contains(modelType)) {
      throw json.unsupported(
          "the architecture " + modelType, "supported are " + String.join(", ", SUPPORTED));
    }
    if (json.has("quantization_config")) {
      throw json.unsupported(
          "a quantized checkpoint (quantization_config)",
          "use the original weights in bf16, f16 or f32");
    }
    String activation = json.text("hidden_act", "silu");
    if (!activation.equals("silu")) {
      throw json.unsupported("hidden_act " + activation, "only silu is");
    }
    if (json.positiveNumber("partial_rotary_factor", 1) != 1) {
      throw json.unsupported("partial_rotary_factor other than 1", "every supported model has 1");
    }
    if (isQwen() && json.bool("use_sliding_window", false)) {
      throw json.unsupported(
          "use_sliding_window",
          "Qwen windows only some layers; set it to false if contexts stay within the window");
    }
    for (JsonNode layerType : json.node().path("layer_types")) {
      if (isQwen() && !layerType.asText().equals("full_attention")) {
        throw json.unsupported("the layer type " + layerType, "only full_attention is");
      }
    }
  }

  private boolean isQwen() {
    return modelType.startsWith("qwen");
  }

  private ModelConfig config() {
    int hiddenSize = json.positiveInt("hidden_size");
    int heads = json.positiveInt("num_attention_heads");
    boolean biasKey = !modelType.equals("mistral") && json.bool("attention_bias", false);
    return new ModelConfig(
        modelType,
        hiddenSize,
        json.positiveInt("num_hidden_layers"),
        heads,
        json.positiveInt("num_key_value_heads", heads),
        headDim(hiddenSize, heads),
        json.positiveInt("intermediate_size"),
        json.positiveInt("vocab_size"),
        json.positiveNumber("rms_norm_eps"),
        json.positiveInt("max_position_embeddings"),
        json.bool("tie_word_embeddings", false),
        modelType.equals("qwen2") || biasKey,
        !modelType.equals("qwen2") && biasKey,
        modelType.equals("llama") && json.bool("mlp_bias", false),
        modelType.equals("qwen3"),
        modelType.equals("mistral") ? json.positiveInt("sliding_window", 0) : 0,
        rope());
  }

  private int headDim(int hiddenSize, int heads) {
    if (json.has("head_dim")) {
      return json.positiveInt("head_dim");
    }
    if (modelType.equals("qwen3") && !json.node().has("head_dim")) {
      return QWEN3_HEAD_DIM;
    }
    if (hiddenSize % heads != 0) {
      throw new CheckpointException(
          json.file()
              + ": hidden_size ("
              + hiddenSize
              + ") is not a multiple of num_attention_heads ("
              + heads
              + "), and there is no head_dim.");
    }
    return hiddenSize / heads;
  }

  /** Newer files hold everything in {@code rope_parameters}, older ones theta at the top. */
  private RopeConfig rope() {
    double theta = json.positiveNumber("rope_theta", DEFAULT_ROPE_THETA);
    String key = json.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (!json.has(key)) {
      return RopeConfig.plain(theta);
    }
    JsonFile scaling = json.object(key);
    theta = scaling.positiveNumber("rope_theta", theta);
    String type = scaling.text("rope_type", scaling.text("type", "default"));
    return switch (type) {
      case "default" -> RopeConfig.plain(theta);
      case "linear" ->
          new RopeConfig(
              theta, RopeConfig.Scaling.LINEAR, scaling.positiveNumber("factor"), 1, 1, 0);
      case "llama3" ->
          new RopeConfig(
              theta,
              RopeConfig.Scaling.LLAMA3,
              scaling.positiveNumber("factor"),
              scaling.positiveNumber("low_freq_factor"),
              scaling.positiveNumber("high_freq_factor"),
              scaling.positiveInt("original_max_position_embeddings"));
      default -> throw json.unsupported(key + " of type " + type, "default, linear and llama3 are");
    };
  }
}
