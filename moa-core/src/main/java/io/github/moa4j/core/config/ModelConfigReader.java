package io.github.moa4j.core.config;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.config.DecoderDesign.Activation;
import io.github.moa4j.core.config.DecoderFamily.Bias;
import io.github.moa4j.core.config.DecoderFamily.Sizes;
import io.github.moa4j.core.config.DecoderFamily.Trait;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

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
          "clip_qkv",
          "compression_config",
          "dim_model_base",
          "lm_head_bias",
          "n_routed_experts",
          "n_shared_experts",
          "parallel_attn",
          "qk_layernorm",
          "quantization_config",
          "rope_interleave",
          "rope_interleaved",
          "rotary_interleaved",
          "scale_depth",
          "shared_expert_intermediate_size",
          "use_alibi",
          "use_bidirectional_attention",
          "use_mrope",
          "use_parallel_residual");

  /** Likewise, but 1 changes nothing. */
  private static final List<String> UNSUPPORTED_FACTORS = List.of("logit_scale", "scale_emb");

  private static final List<String> EXPERTS =
      List.of("num_experts", "num_local_experts", "moe_num_experts");

  private static final List<String> MULTIPLIERS =
      List.of("embedding_multiplier", "logits_scaling", "residual_multiplier");

  private static final List<String> OTHER_MODALITIES =
      List.of("text_config", "vision_config", "audio_config");
  private static final Map<String, Activation> SILU =
      Map.of("silu", Activation.SILU, "swish", Activation.SILU); // two names of one
  private static final Map<String, Activation> GELU =
      Map.of(
          "gelu", Activation.GELU,
          "gelu_new", Activation.GELU_TANH,
          "gelu_pytorch_tanh", Activation.GELU_TANH);
  private static final String SCORE_CAP = "attn_logit_softcapping";
  private static final String LOGIT_CAP = "final_logit_softcapping";
  private static final String SCORE_ROOT = "query_pre_attn_scalar";
  private static final int DEFAULT_SCORE_ROOT = 256;

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
    if (!family.queryKeyNorm()) {
      refuseUnless("use_qk_norm", 0);
    }
    if (!family.has(Trait.EXPERTS)) {
      EXPERTS.forEach(key -> refuseUnless(key, 0));
    }
    if (!family.has(Trait.LAYERS_WITHOUT_ROPE)) {
      refuseUnless("no_rope_layers", 0);
    }
    if (!family.has(Trait.LOGIT_CAP)) {
      refuseUnless(SCORE_CAP, 0);
      refuseUnless(LOGIT_CAP, 0);
    }
    if (!family.has(Trait.ROOT_MULTIPLIERS)) {
      refuseUnless(SCORE_ROOT, 0);
    }
    if (!json.bool("is_causal", true)) {
      throw json.unsupported("is_causal false", "only decoders that look back are");
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
    LayerAttentionReader attention = new LayerAttentionReader(json, family, layers);
    boolean windowRope = family.has(Trait.WINDOW_ROPE);
    int intermediateSize = positiveInt("intermediate_size", sizes.intermediateSize());
    int context = positiveInt("max_position_embeddings", sizes.maxPositionEmbeddings());
    return new ModelConfig(
        family.modelType(),
        hiddenSize,
        layers,
        heads,
        derivable("num_key_value_heads", sizes.numKeyValueHeads(), heads),
        headDim,
        intermediateSize,
        positiveInt("vocab_size", sizes.vocabSize()),
        isWritten("rms_norm_eps") ? json.positiveNumber("rms_norm_eps") : sizes.rmsNormEps(),
        context,
        json.bool("tie_word_embeddings", family.has(Trait.TIED)),
        bias(family.biases().attention(), "attention_bias"),
        bias(family.biases().output(), "attention_bias"),
        bias(family.biases().mlp(), "mlp_bias"),
        family.queryKeyNorm(),
        design(),
        attention.window(),
        attention.layers(),
        multipliers(headDim, hiddenSize),
        RopeConfigReader.read(json, headDim, context, sizes, windowRope),
        windowRope
            ? RopeConfigReader.ofWindows(json, headDim, context)
            : RopeConfigReader.read(json, headDim, context, sizes, false),
        new ExpertsReader(json, family, layers).read(intermediateSize));
  }

  private DecoderDesign design() {
    DecoderDesign design = family.design();
    String key = family.has(Trait.HIDDEN_ACTIVATION) ? "hidden_activation" : "hidden_act";
    Map<String, Activation> known = design.activation() == Activation.SILU ? SILU : GELU;
    Activation activation = design.activation();
    if (json.has(key)) {
      activation = known.get(json.text(key));
      if (activation == null) {
        throw json.unsupported(
            key + " " + Failure.quote(json.text(key)),
            known == SILU ? "only silu is" : "supported are " + new TreeSet<>(known.keySet()));
      }
    }
    return design.with(
        activation,
        family.has(Trait.SCORE_CAP) ? cap(SCORE_CAP, design.scoreCap()) : 0,
        family.has(Trait.LOGIT_CAP) ? cap(LOGIT_CAP, design.logitCap()) : 0);
  }

  /** Null takes a bound away; absent, it is the family's. */
  private double cap(String key, double absent) {
    return json.has(key) ? json.positiveNumber(key) : isWritten(key) ? 0 : absent;
  }

  private Multipliers multipliers(int headDim, int hiddenSize) {
    if (family.has(Trait.ROOT_MULTIPLIERS)) {
      double root = json.positiveNumber(SCORE_ROOT, DEFAULT_SCORE_ROOT);
      return new Multipliers(Math.sqrt(hiddenSize), 1 / Math.sqrt(root), 1, 1);
    }
    return family.has(Trait.MULTIPLIERS)
        ? new Multipliers(
            json.positiveNumber("embedding_multiplier", 1),
            json.positiveNumber("attention_multiplier", 1),
            json.positiveNumber("residual_multiplier", 1),
            1 / json.positiveNumber("logits_scaling", 1))
        : Multipliers.plain(headDim);
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
}
