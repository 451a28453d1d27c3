package io.github.moa4j.core.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors that a model of a given shape consists of, under Hugging Face's names. */
final class ExpectedTensors {

  private static final String LM_HEAD = "lm_head.weight";

  private final ModelConfig config;
  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  private ExpectedTensors(ModelConfig config) {
    this.config = config;
  }

  /** Returns name and shape of every tensor in canonical order: embedding, layers, norm, head. */
  static Map<String, long[]> of(ModelConfig config) {
    ExpectedTensors expected = new ExpectedTensors(config);
    expected.add("model.embed_tokens.weight", config.vocabSize(), config.hiddenSize());
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      expected.addLayer("model.layers." + layer + ".");
    }
    expected.add("model.norm.weight", config.hiddenSize());
    if (!config.tieWordEmbeddings()) {
      expected.add(LM_HEAD, config.vocabSize(), config.hiddenSize());
    }
    return expected.shapes;
  }

  /**
   * Whether a tensor is known to be without influence: older files store the rotary frequencies,
   * which follow from the configuration, and some store the output projection although it is tied.
   */
  static boolean harmless(ModelConfig config, String name) {
    return name.endsWith("rotary_emb.inv_freq")
        || (name.equals(LM_HEAD) && config.tieWordEmbeddings());
  }

  private void addLayer(String layer) {
    int hidden = config.hiddenSize();
    int queries = config.numAttentionHeads() * config.headDim();
    int keys = config.numKeyValueHeads() * config.headDim();
    String attention = layer + "self_attn.";
    add(layer + "input_layernorm.weight", hidden);
    addLinear(attention + "q_proj", queries, hidden, config.attentionBias());
    addLinear(attention + "k_proj", keys, hidden, config.attentionBias());
    addLinear(attention + "v_proj", keys, hidden, config.attentionBias());
    addLinear(attention + "o_proj", hidden, queries, config.outputBias());
    if (config.queryKeyNorm()) {
      add(attention + "q_norm.weight", config.headDim());
      add(attention + "k_norm.weight", config.headDim());
    }
    add(layer + "post_attention_layernorm.weight", hidden);
    int inner = config.intermediateSize();
    addLinear(layer + "mlp.gate_proj", inner, hidden, config.mlpBias());
    addLinear(layer + "mlp.up_proj", inner, hidden, config.mlpBias());
    addLinear(layer + "mlp.down_proj", hidden, inner, config.mlpBias());
  }

  private void addLinear(String name, int outputSize, int inputSize, boolean bias) {
    add(name + ".weight", outputSize, inputSize);
    if (bias) {
      add(name + ".bias", outputSize);
    }
  }

  private void add(String name, long... shape) {
    shapes.put(name, shape);
  }
}
