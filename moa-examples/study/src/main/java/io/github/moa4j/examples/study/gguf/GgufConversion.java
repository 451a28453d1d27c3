package io.github.moa4j.examples.study.gguf;

import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.examples.study.gguf.GgufWriter.Rows;
import io.github.moa4j.examples.study.gguf.GgufWriter.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a Llama or Qwen2 checkpoint into a GGUF file: other names, and for Llama another order of
 * the query and key rows, because llama.cpp rotates neighbours there where Hugging Face rotates
 * halves. Matrices get one type, as llama.cpp's own tool has it: but a head more than four bits,
 * and a matrix whose rows are not made of whole blocks a type that takes them. Norms and biases
 * stay f32.
 */
public final class GgufConversion {

  private static final Map<String, String> LAYER_TENSORS = layerTensors();

  private final Checkpoint checkpoint;
  private final ModelConfig config;
  private final TensorType type;
  private final List<Tensor> tensors = new ArrayList<>();

  private GgufConversion(Checkpoint checkpoint, TensorType type) {
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.type = type;
  }

  /**
   * Writes or replaces a file.
   *
   * @param directory {@code config.json} and safetensors
   * @param type of all matrices
   */
  public static void write(Path directory, TensorType type, Path target) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      GgufConversion conversion = new GgufConversion(checkpoint, type);
      conversion.addTensors();
      new GgufWriter(conversion.metadata(), conversion.tensors).write(target);
    }
  }

  private Map<String, Object> metadata() {
    String family = config.modelType();
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", family);
    metadata.put("general.file_type", type.fileType());
    metadata.put(family + ".block_count", config.numHiddenLayers());
    metadata.put(family + ".context_length", config.maxPositionEmbeddings());
    metadata.put(family + ".embedding_length", config.hiddenSize());
    metadata.put(family + ".feed_forward_length", config.intermediateSize());
    metadata.put(family + ".attention.head_count", config.numAttentionHeads());
    metadata.put(family + ".attention.head_count_kv", config.numKeyValueHeads());
    metadata.put(family + ".attention.layer_norm_rms_epsilon", (float) config.rmsNormEps());
    metadata.put(family + ".attention.key_length", config.headDim());
    metadata.put(family + ".attention.value_length", config.headDim());
    metadata.put(family + ".rope.dimension_count", config.headDim());
    metadata.put(family + ".rope.freq_base", (float) config.rope().theta());
    metadata.put(family + ".vocab_size", config.vocabSize());
    metadata.put("tokenizer.ggml.model", "none");
    return metadata;
  }

  private void addTensors() {
    add("token_embd.weight", "model.embed_tokens.weight");
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      String target = "blk." + layer + ".";
      String source = "model.layers." + layer + ".";
      LAYER_TENSORS.forEach(
          (from, to) -> {
            add(target + to + ".weight", source + from + ".weight");
            if (checkpoint.names().contains(source + from + ".bias")) {
              add(target + to + ".bias", source + from + ".bias");
            }
          });
    }
    add("output_norm.weight", "model.norm.weight");
    if (!config.tieWordEmbeddings()) {
      add("output.weight", "lm_head.weight");
    }
  }

  private void add(String name, String source) {
    long[] shape = checkpoint.shape(source);
    if (shape.length == 1) {
      int columns = (int) shape[0];
      float[] vector = checkpoint.tensor(source).toFloatArray();
      tensors.add(new Tensor(name, TensorType.F32, 1, columns, row -> inOrder(source, vector)));
    } else {
      int rows = (int) shape[0];
      int columns = (int) shape[1];
      TensorType wanted = type == TensorType.Q4_0 && isHead(source) ? TensorType.Q8_0 : type;
      TensorType stored = wanted.takes(columns) ? wanted : TensorType.BF16;
      HostTensor matrix = checkpoint.tensor(source);
      Rows inOrder = row -> row(matrix, sourceRow(source, row), columns);
      tensors.add(new Tensor(name, stored, rows, columns, inOrder));
    }
  }

  private boolean isHead(String source) {
    return source.startsWith(config.tieWordEmbeddings() ? "model.embed_tokens" : "lm_head");
  }

  private static float[] row(HostTensor matrix, int row, int columns) {
    int bytes = columns * matrix.dataType().bytes();
    return new HostTensor(
            matrix.dataType(), new long[] {columns}, matrix.data().slice(row * bytes, bytes))
        .toFloatArray();
  }

  private float[] inOrder(String source, float[] vector) {
    float[] ordered = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      ordered[i] = vector[sourceRow(source, i)];
    }
    return ordered;
  }

  private int sourceRow(String source, int row) {
    if (!config.modelType().equals("llama") || !source.matches(".*[.][qk]_proj[.].*")) {
      return row;
    }
    int inHead = row % config.headDim();
    int half = config.headDim() / 2;
    return row - inHead + inHead % 2 * half + inHead / 2;
  }

  private static Map<String, String> layerTensors() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("input_layernorm", "attn_norm");
    names.put("self_attn.q_proj", "attn_q");
    names.put("self_attn.k_proj", "attn_k");
    names.put("self_attn.v_proj", "attn_v");
    names.put("self_attn.o_proj", "attn_output");
    names.put("post_attention_layernorm", "ffn_norm");
    names.put("mlp.gate_proj", "ffn_gate");
    names.put("mlp.up_proj", "ffn_up");
    names.put("mlp.down_proj", "ffn_down");
    return names;
  }
}
