package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.ModelConfig;

/** The seven linear maps of a decoder layer that a LoRA can adapt. */
public enum TargetModule {
  /** Query projection. */
  Q_PROJ("self_attn", "q_proj"),
  /** Key projection. */
  K_PROJ("self_attn", "k_proj"),
  /** Value projection. */
  V_PROJ("self_attn", "v_proj"),
  /** Output projection of the attention. */
  O_PROJ("self_attn", "o_proj"),
  /** Gate of the feed-forward layer. */
  GATE_PROJ("mlp", "gate_proj"),
  /** Up projection of the feed-forward layer. */
  UP_PROJ("mlp", "up_proj"),
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

  /** Returns the input width of this map in a model of that shape. */
  public int inputSize(ModelConfig config) {
    return DecoderLayout.of(config).part(path()).inputSize();
  }

  /** Returns the output width of this map in a model of that shape. */
  public int outputSize(ModelConfig config) {
    return DecoderLayout.of(config).part(path()).outputSize();
  }
}
