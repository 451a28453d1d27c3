package io.github.moa4j.examples.study.synthetic;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The shape of a published model. */
public enum Shape {
  /** SmolLM2-135M. */
  M135("135M", "llama", 576, 30, 9, 3, 64, 1536, 49_152, true),
  /** Qwen2.5-0.5B. */
  B05("0.5B", "qwen2", 896, 24, 14, 2, 64, 4864, 151_936, true),
  /** Llama-3.2-1B. */
  B1("1B", "llama", 2048, 16, 32, 8, 64, 8192, 128_256, true),
  /** Mistral-7B. */
  B7("7B", "llama", 4096, 32, 32, 8, 128, 14_336, 32_000, false);

  private static final int CONTEXT = 4096;

  private final String title;
  private final String family;
  private final int hiddenSize;
  private final int layers;
  private final int heads;
  private final int keyValueHeads;
  private final int headDim;
  private final int intermediateSize;
  private final int vocabSize;
  private final boolean tied;

  Shape(
      String title,
      String family,
      int hiddenSize,
      int layers,
      int heads,
      int keyValueHeads,
      int headDim,
      int intermediateSize,
      int vocabSize,
      boolean tied) {
    this.title = title;
    this.family = family;
    this.hiddenSize = hiddenSize;
    this.layers = layers;
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
    this.intermediateSize = intermediateSize;
    this.vocabSize = vocabSize;
    this.tied = tied;
  }

  /**
   * Returns the shape of a title, such as {@code 135M}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Shape of(String title) {
    return Arrays.stream(values())
        .filter(shape -> shape.title.equalsIgnoreCase(title))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no shape "
                        + title
                        + ", but "
                        + Arrays.stream(values())
                            .map(Shape::toString)
                            .collect(Collectors.joining(", "))
                        + "."));
  }

  public int vocabSize() {
    return vocabSize;
  }

  public int hiddenSize() {
    return hiddenSize;
  }

  public int intermediateSize() {
    return intermediateSize;
  }

  /** Returns the elements of all matrices that a token is multiplied with. */
  public long weights() {
    long layer = 0;
    for (int[] matrix : layerMatrices().values()) {
      layer += (long) matrix[0] * matrix[1];
    }
    return layers * layer + (long) vocabSize * hiddenSize;
  }

  public int layers() {
    return layers;
  }

  /** Returns rows and columns of a layer's matrices by their module's name. */
  public Map<String, int[]> layerMatrices() {
    Map<String, int[]> matrices = new LinkedHashMap<>();
    matrices.put("self_attn.q_proj", new int[] {heads * headDim, hiddenSize});
    matrices.put("self_attn.k_proj", new int[] {keyValueHeads * headDim, hiddenSize});
    matrices.put("self_attn.v_proj", new int[] {keyValueHeads * headDim, hiddenSize});
    matrices.put("self_attn.o_proj", new int[] {hiddenSize, heads * headDim});
    matrices.put("mlp.gate_proj", new int[] {intermediateSize, hiddenSize});
    matrices.put("mlp.up_proj", new int[] {intermediateSize, hiddenSize});
    matrices.put("mlp.down_proj", new int[] {hiddenSize, intermediateSize});
    return matrices;
  }

  /** Whether query, key and value projections have a bias. */
  public boolean biased() {
    return family.equals("qwen2");
  }

  public boolean tied() {
    return tied;
  }

  /** Returns what {@code config.json} says. */
  public Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", family);
    config.put("architectures", new String[] {biased() ? "Qwen2ForCausalLM" : "LlamaForCausalLM"});
    config.put("hidden_size", hiddenSize);
    config.put("num_hidden_layers", layers);
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", keyValueHeads);
    config.put("head_dim", headDim);
    config.put("intermediate_size", intermediateSize);
    config.put("vocab_size", vocabSize);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("max_position_embeddings", CONTEXT);
    config.put("tie_word_embeddings", tied);
    config.put("hidden_act", "silu");
    config.put("torch_dtype", "bfloat16");
    return config;
  }

  @Override
  public String toString() {
    return title;
  }
}
