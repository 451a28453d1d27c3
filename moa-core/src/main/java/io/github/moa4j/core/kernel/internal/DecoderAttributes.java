package io.github.moa4j.core.kernel.internal;

import io.github.moa4j.core.config.DecoderDesign;
import io.github.moa4j.core.config.DecoderDesign.Activation;
import io.github.moa4j.core.config.Experts;
import io.github.moa4j.core.config.LayerAttention;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.config.Multipliers;
import io.github.moa4j.core.config.RotaryFrequencies;
import io.github.moa4j.core.kernel.WeightFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The attributes of the decoder's script: what tells one model from another beside its weights. */
final class DecoderAttributes {

  private static final long WEIGHTS_BEFORE = 5;
  private static final long WEIGHTS_OF_LAYER = 17;
  private static final long WEIGHTS_OF_EXPERT = 6;

  private static final long PLAIN = 0;
  private static final long PACKED = 1;
  private static final long QUANTISED = 2;

  private DecoderAttributes() {}

  /** Returns what the script knows of a model before its weights. */
  static Map<String, Object> of(ModelConfig config, WeightFormat format) {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("dtype", EngineTypes.code(format));
    attributes.put("form", form(format));
    attributes.put("half", 0L);
    attributes.put("integers", ProcessorFeatures.multipliesInt8() ? 1L : 0L);
    attributes.put("hidden", (long) config.hiddenSize());
    attributes.put("depth", (long) config.numHiddenLayers());
    attributes.put("heads", (long) config.numAttentionHeads());
    attributes.put("kv_heads", (long) config.numKeyValueHeads());
    attributes.put("head_dim", (long) config.headDim());
    attributes.put("window", (long) config.slidingWindow());
    attributes.put("windowed", flags(config, LayerAttention::windowed));
    attributes.put("rotated", flags(config, LayerAttention::rotated));
    Multipliers multipliers = config.multipliers();
    attributes.put("embedding_scale", multipliers.embedding());
    attributes.put("score_scale", multipliers.scores());
    attributes.put("residual_scale", multipliers.residual());
    attributes.put("logit_scale", multipliers.logits());
    attributes.put("rope_scale", RotaryFrequencies.of(config.rope()).attentionFactor());
    attributes.put(
        "window_rope_scale", RotaryFrequencies.of(config.windowRope()).attentionFactor());
    DecoderDesign design = config.design();
    attributes.put("row_norms", design.rowNorms() ? 1L : 0L);
    attributes.put("activation", (long) List.of(Activation.values()).indexOf(design.activation()));
    attributes.put("score_cap", design.scoreCap());
    attributes.put("logit_cap", design.logitCap());
    Experts experts = config.experts();
    attributes.put("experts", (long) experts.count());
    attributes.put("experts_taken", (long) experts.perToken());
    attributes.put("shares_add_up", experts.sharesAddUp() ? 1L : 0L);
    attributes.put("routers", routers(config));
    attributes.put("weights", List.of());
    attributes.put("constants", List.of());
    return attributes;
  }

  private static List<Long> flags(ModelConfig config, Predicate<LayerAttention> flag) {
    return config.attention().stream().map(layer -> flag.test(layer) ? 1L : 0L).toList();
  }

  /** Where among the weights each layer's router lies, its experts behind it; 0 for none. */
  private static List<Long> routers(ModelConfig config) {
    long next = WEIGHTS_BEFORE + WEIGHTS_OF_LAYER * config.numHiddenLayers();
    List<Long> places = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      boolean some = config.experts().in(layer);
      places.add(some ? next : 0);
      next += some ? 1 + WEIGHTS_OF_EXPERT * config.experts().count() : 0;
    }
    return places;
  }

  private static long form(WeightFormat format) {
    return switch (format) {
      case F32 -> PLAIN;
      case BF16 -> PACKED;
      case INT8, INT4 -> QUANTISED;
    };
  }
}
