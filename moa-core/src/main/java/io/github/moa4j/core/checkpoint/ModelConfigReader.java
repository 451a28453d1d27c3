package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.checkpoint.DecoderFamily.Bias;
import io.github.moa4j.core.checkpoint.DecoderFamily.Sizes;
import io.github.moa4j.core.checkpoint.DecoderFamily.Trait;
import io.github.moa4j.core.checkpoint.DecoderFamily.Window;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads {@code config.json} with the defaults of Hugging Face's own configuration classes. Whatever
 * would change the computation and is not implemented is refused by name.
 */
final class ModelConfigReader {

  /** Of other families, or of code beside the weights: refused unless null, false or 0. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "alibi",
          "attention_chunk_size",
          "attn_logit_softcapping",
          "clip_qkv",
          "compression_config",
          "dim_model_base",
          "final_logit_softcapping",
          "lm_head_bias",
          "n_routed_experts",
          "num_experts",
          "num_local_experts",
          "parallel_attn",
          "qk_layernorm",
          "query_pre_attn_scalar",
          "quantization_config",
          "rope_interleave",
          "rope_interleaved",
          "rotary_interleaved",
          "scale_depth",
          "use_alibi",
          "use_bidirectional_attention",
          "use_mrope",
          "use_parallel_residual",
          "use_qk_norm");

  /** Likewise, but 1 changes nothing. */
  private static final List<String> UNSUPPORTED_FACTORS = List.of("logit_scale", "scale_emb");

  private static final List<String> MULTIPLIERS =
      List.of("embedding_multiplier", "logits_scaling", "residual_multiplier");

  private static final List<String> OTHER_MODALITIES =
      List.of("text_config", "vision_config", "audio_config");
  private static final Set<String> ACTIVATIONS = Set.of("silu", "swish"); // two names of one
  private static final int DEFAULT_WINDOW = 4_096;
  private static final int DEFAULT_NO_ROPE_INTERVAL = 4;
  private static final int DEFAULT_WINDOWLESS_LAYERS = 28;
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";
  private static final double DEFAULT_EPS = 1e-6;

  private final JsonObject json;
  private final DecoderFamily family;

  private ModelConfigReader(JsonObject json, DecoderFamily family) {
    this.json = json;
    this.family = family;
  }

  static ModelConfig read(Path file) {
    JsonObject json = JsonObject.read(file, CheckpointException::new);
    ModelConfigReader reader = new ModelConfigReader(json, family(json));
    reader.refuseUnsupported();
    try {
      return reader.config();
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file + ": " + e.getMessage() + ".", e);
    }
  }

  private static DecoderFamily family(JsonObject json) {
    String modelType = json.text("model_type");
    String supported = "supported are " + String.join(", ", DecoderFamily.modelTypes());
    for (String key : OTHER_MODALITIES) {
      if (json.has(key)) {
        throw json.unsupported(
            "the model " + Failure.quote(modelType) + " of several modalities (" + key + ")",
            supported + ", each for text alone");
      }
    }
    DecoderFamily family =
        DecoderFamily.of(modelType)
            .orElseThrow(
                () -> json.unsupported("the architecture " + Failure.quote(modelType), supported));
    for (String name : json.texts("architectures")) {
      if (!family.isArchitecture(name)) {
        throw json.unsupported(
            "the architecture " + Failure.quote(name) + " of model_type " + modelType,
            supported + ", each as a causal language model (ForCausalLM)");
      }
    }
    return family;
  }

  private void refuseUnsupported() {
    UNSUPPORTED.forEach(key -> refuseUnless(key, 0));
    UNSUPPORTED_FACTORS.forEach(key -> refuseUnless(key, 1));
    if (!family.has(Trait.MULTIPLIERS)) {
      refuseUnless("attention_multiplier", 0);
      MULTIPLIERS.forEach(key -> refuseUnless(key, 1));
    }
    if (!family.has(Trait.LAYERS_WITHOUT_ROPE)) {
      refuseUnless("no_rope_layers", 0);
    }
    if (!json.bool("is_causal", true)) {
      throw json.unsupported("is_causal false", "only decoders that look back are");
    }
    String activation = json.text("hidden_act", "silu");
    if (!ACTIVATIONS.contains(activation)) {
      throw json.unsupported("hidden_act " + Failure.quote(activation), "only silu is");
    }
  }

  private void refuseUnless(String key, double neutral) {
    Object value = json.any(key);
    boolean harmless =
        value == null
            || value.equals(false)
            || (value instanceof Number number && number.doubleValue() == neutral);
    if (!harmless) {
      throw json.unsupported(
          key + " " + json.quoted(key),
          key.equals("quantization_config") || key.equals("compression_config")
              ? "use the original weights in bf16, f16 or f32"
              : "it would change what a " + family.modelType() + " model computes");
    }
  }

  private ModelConfig config() {
    Sizes sizes = family.sizes();
    int hiddenSize = positiveInt("hidden_size", sizes.hiddenSize());
    int heads = positiveInt("num_attention_heads", sizes.numAttentionHeads());
    int layers = positiveInt("num_hidden_layers", sizes.numHiddenLayers());
    int headDim = derivable("head_dim", sizes.headDim(), 0);
    if (headDim == 0) {
      headDim = headDim(hiddenSize, heads);
    }
    List<LayerAttention> attention = attention(layers);
    int context = positiveInt("max_position_embeddings", sizes.maxPositionEmbeddings());
    return new ModelConfig(
        family.modelType(),
        hiddenSize,
        layers,
        heads,
        derivable("num_key_value_heads", sizes.numKeyValueHeads(), heads),
        headDim,
        positiveInt("intermediate_size", sizes.intermediateSize()),
        positiveInt("vocab_size", sizes.vocabSize()),
        isWritten("rms_norm_eps") ? json.positiveNumber("rms_norm_eps") : DEFAULT_EPS,
        context,
        json.bool("tie_word_embeddings", family.has(Trait.TIED)),
        bias(family.biases().attention(), "attention_bias"),
        bias(family.biases().output(), "attention_bias"),
        bias(family.biases().mlp(), "mlp_bias"),
        family.queryKeyNorm(),
        window(attention),
        attention,
        multipliers(headDim),
        RopeConfigReader.read(json, headDim, context, family.sizes().ropeTheta()));
  }

  private Multipliers multipliers(int headDim) {
    Multipliers plain = Multipliers.plain(headDim);
    return family.has(Trait.MULTIPLIERS)
        ? new Multipliers(
            json.positiveNumber("embedding_multiplier", 1),
            json.positiveNumber("attention_multiplier", 1),
            json.positiveNumber("residual_multiplier", 1),
            1 / json.positiveNumber("logits_scaling", 1))
        : plain;
  }

  private int window(List<LayerAttention> attention) {
    return attention.stream().anyMatch(LayerAttention::windowed) ? configuredWindow() : 0;
  }

  /** Null is not the same as absent: it never means a default. */
  private boolean isWritten(String key) {
    return json.keys().contains(key);
  }

  private int positiveInt(String key, int absent) {
    return isWritten(key) ? json.positiveInt(key) : absent;
  }

  /** A key that may be null, which always means the derived value; absent, the family's default. */
  private int derivable(String key, int absent, int derived) {
    if (isWritten(key) || absent == Sizes.DERIVED) {
      return json.positiveInt(key, derived);
    }
    return absent;
  }

  private int headDim(int hiddenSize, int heads) {
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

  private boolean bias(Bias bias, String key) {
    return bias == Bias.ALWAYS || (bias == Bias.BY_KEY && json.bool(key, false));
  }

  private List<LayerAttention> attention(int layers) {
    if (layers > ModelConfig.MAX_LAYERS) {
      return List.of(); // the model says so
    }
    int window = configuredWindow();
    List<Boolean> windowed = windowed(layers, window);
    List<Boolean> rotated = rotated(layers);
    return IntStream.range(0, layers)
        .mapToObj(layer -> new LayerAttention(windowed.get(layer), rotated.get(layer)))
        .map(layer -> checked(layer, window))
        .toList();
  }

  private LayerAttention checked(LayerAttention layer, int window) {
    if (layer.windowed() && window == 0) {
      throw json.unsupported(
          "no sliding window with layers of " + SLIDING,
          "where contexts stay within it, set their layer_types to " + FULL);
    }
    return layer;
  }

  private int configuredWindow() {
    boolean on =
        switch (family.window()) {
          case NONE -> false;
          case EVERY_LAYER -> true;
          case UPPER_LAYERS, LAYERS_WITHOUT_ROPE -> json.bool("use_sliding_window", false);
        };
    if (!on) {
      return 0;
    }
    int absent = family.window() == Window.LAYERS_WITHOUT_ROPE ? 0 : DEFAULT_WINDOW;
    return isWritten("sliding_window") ? json.positiveInt("sliding_window", 0) : absent;
  }

  private List<Boolean> windowed(int layers, int window) {
    if (json.has("layer_types")) {
      List<String> types = json.texts("layer_types");
      if (types.size() != layers || !Set.of(FULL, SLIDING).containsAll(types)) {
        throw json.wrong(
            "layer_types", "%s or %s for each of the %d layers".formatted(FULL, SLIDING, layers));
      }
      List<Boolean> windowed = types.stream().map(SLIDING::equals).toList();
      if (window > 0 && windowed.contains(false) && family.has(Trait.ONE_WINDOW)) {
        throw json.unsupported(
            "a sliding_window of " + window + " with layers of " + FULL,
            "a " + family.modelType() + " model looks back through it in every layer");
      }
      return windowed;
    }
    if (window > 0 && family.window() == Window.LAYERS_WITHOUT_ROPE) {
      return rotated(layers).stream().map(turned -> !turned).toList();
    }
    int first = window == 0 ? layers : firstWindowedLayer();
    return IntStream.range(0, layers).mapToObj(layer -> layer >= first).toList();
  }

  /** In the files 1 is a layer that is turned, against the name of the key. */
  private List<Boolean> rotated(int layers) {
    if (!family.has(Trait.LAYERS_WITHOUT_ROPE)) {
      return Collections.nCopies(layers, true);
    }
    if (json.has("no_rope_layers")) {
      List<Integer> turned = json.integers("no_rope_layers", 0);
      if (turned.size() < layers) {
        throw json.wrong("no_rope_layers", "0 or 1 for each of the " + layers + " layers");
      }
      return turned.subList(0, layers).stream().map(layer -> layer != 0).toList();
    }
    int interval = positiveInt("no_rope_layer_interval", DEFAULT_NO_ROPE_INTERVAL);
    return IntStream.range(0, layers).mapToObj(layer -> (layer + 1) % interval != 0).toList();
  }

  private int firstWindowedLayer() {
    if (family.window() == Window.EVERY_LAYER) {
      return 0;
    }
    String key = "max_window_layers";
    return json.has(key) ? json.integer(key, 0) : DEFAULT_WINDOWLESS_LAYERS;
  }
}
