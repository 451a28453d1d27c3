package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.ModelConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * The linear maps of a decoder layer that a LoRA can adapt: seven, of which a base may keep some as
 * one matrix, which is then adapted as one.
 */
public enum TargetModule {
  /** Query projection. */
  Q_PROJ("self_attn", "q_proj"),
  /** Key projection. */
  K_PROJ("self_attn", "k_proj"),
  /** Value projection. */
  V_PROJ("self_attn", "v_proj"),
  /** Queries, keys and values in one, where a base has that. */
  QKV_PROJ("self_attn", "qkv_proj"),
  /** Output projection of the attention. */
  O_PROJ("self_attn", "o_proj"),
  /** Gate of the feed-forward layer. */
  GATE_PROJ("mlp", "gate_proj"),
  /** Up projection of the feed-forward layer. */
  UP_PROJ("mlp", "up_proj"),
  /** Gate and up in one, where a base has that. */
  GATE_UP_PROJ("mlp", "gate_up_proj"),
  /** Down projection of the feed-forward layer. */
  DOWN_PROJ("mlp", "down_proj");

  private final String parent;
  private final String peftName;

  TargetModule(String parent, String peftName) {
    this.parent = parent;
    this.peftName = peftName;
  }

  /** Returns the name that Hugging Face and PEFT use, such as {@code q_proj}. */
  public String peftName() {
    return peftName;
  }

  /** Returns the path below the decoder layer, such as {@code self_attn.q_proj}. */
  public String path() {
    return parent + "." + peftName;
  }

  /** Returns the maps that a layer of a model has, in the order of the enumeration. */
  public static List<TargetModule> of(ModelConfig config) {
    DecoderLayout layout = DecoderLayout.of(config);
    return Stream.of(values()).filter(module -> layout.has(module.path())).toList();
  }

  /** Returns the maps of which this is made: itself, unless it is several in one. */
  List<TargetModule> pieces() {
    return switch (this) {
      case QKV_PROJ -> List.of(Q_PROJ, K_PROJ, V_PROJ);
      case GATE_UP_PROJ -> List.of(GATE_PROJ, UP_PROJ);
      default -> List.of(this);
    };
  }

  /** Tells whether this is several maps in one. */
  boolean isFused() {
    return pieces().size() > 1;
  }

  /** Returns the input width of this map in a model of that shape. */
  public int inputSize(ModelConfig config) {
    return DecoderLayout.of(config).part(path()).inputSize();
  }

  /** Returns the output width of this map in a model of that shape. */
  public int outputSize(ModelConfig config) {
    return DecoderLayout.of(config).part(path()).outputSize();
  }
}
