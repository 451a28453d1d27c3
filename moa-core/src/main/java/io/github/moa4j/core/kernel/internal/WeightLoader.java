package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.ModelConfig;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Copies a checkpoint's weights into the arrays that the script binds, fused on the way: q, k and v
 * become one matrix, gate and up another. No more than one slice of a tensor exists beside its
 * copy.
 */
final class WeightLoader {

  // Small enough that the slice stays in the processor's cache, and costs no page faults.
  private static final int SLICE_BYTES = 1 << 20;

  private final TorchScript script;
  private final Checkpoint checkpoint;
  private final ModelConfig config;
  private final NDManager owner;
  private ByteBuffer slice = ByteBuffer.allocateDirect(0);

  WeightLoader(TorchScript script, Checkpoint checkpoint, NDManager owner) {
    this.script = script;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.owner = owner;
  }

  /** Returns the arrays in the order that {@code decoder.torchscript} states. */
  NDList load() {
    NDList weights = new NDList();
    NDArray embedding = matrix(config.hiddenSize(), "model.embed_tokens.weight");
    weights.add(embedding);
    weights.add(vector("model.norm.weight"));
    weights.add(
        config.tieWordEmbeddings() ? embedding : matrix(config.hiddenSize(), "lm_head.weight"));
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      addLayer(weights, "model.layers." + layer + ".");
    }
    return weights;
  }

  private void addLayer(NDList weights, String prefix) {
    String attention = prefix + "self_attn.";
    String mlp = prefix + "mlp.";
    int heads = config.numAttentionHeads() * config.headDim();
    List<String> qkv = List.of(attention + "q_proj", attention + "k_proj", attention + "v_proj");
    List<String> gateUp = List.of(mlp + "gate_proj", mlp + "up_proj");
    weights.add(vector(prefix + "input_layernorm.weight"));
    weights.add(queryKeyNorm(attention));
    weights.add(vector(prefix + "post_attention_layernorm.weight"));
    weights.add(matrix(config.hiddenSize(), suffixed(qkv, ".weight")));
    weights.add(optionalVector(config.attentionBias(), suffixed(qkv, ".bias")));
    weights.add(matrix(heads, attention + "o_proj.weight"));
    weights.add(optionalVector(config.outputBias(), attention + "o_proj.bias"));
    weights.add(matrix(config.hiddenSize(), suffixed(gateUp, ".weight")));
    weights.add(optionalVector(config.mlpBias(), suffixed(gateUp, ".bias")));
    weights.add(matrix(config.intermediateSize(), mlp + "down_proj.weight"));
    weights.add(optionalVector(config.mlpBias(), mlp + "down_proj.bias"));
  }

  /** The norm weight of every query and key head, [heads + kvHeads, headDim]. */
  private NDArray queryKeyNorm(String attention) {
    if (!config.queryKeyNorm()) {
      return empty();
    }
    String[] names = new String[config.numAttentionHeads() + config.numKeyValueHeads()];
    for (int head = 0; head < names.length; head++) {
      names[head] =
          attention + (head < config.numAttentionHeads() ? "q_norm.weight" : "k_norm.weight");
    }
    return matrix(config.headDim(), names);
  }

  private static String[] suffixed(List<String> names, String suffix) {
    return names.stream().map(name -> name + suffix).toArray(String[]::new);
  }

  private NDArray optionalVector(boolean present, String... names) {
    return present ? vector(names) : empty();
  }

  private NDArray empty() {
    return owner.create(new float[0]);
  }

  private NDArray vector(String... names) {
    return matrix(1, names).reshape(-1);
  }

  /** The tensors of those names, one below the other, as [rows, columns]. */
  private NDArray matrix(int columns, String... names) {
    long rows = 0;
    for (String name : names) {
      rows += size(name) / columns;
    }
    try (NDManager scope = owner.newSubManager()) {
      NDArray matrix =
          script
              .runWithAutograd(owner, "allocate", scope.create(rows), scope.create((long) columns))
              .get(0);
      long row = 0;
      for (String name : names) {
        fill(matrix, row, columns, name);
        row += size(name) / columns;
      }
      return matrix;
    }
  }

  private long size(String name) {
    long size = 1;
    for (long dimension : checkpoint.shape(name)) {
      size *= dimension;
    }
    return size;
  }

  private void fill(NDArray matrix, long firstRow, int columns, String name) {
    long rowBytes = (long) columns * checkpoint.dataType(name).bytes();
    long rows = size(name) / columns;
    long code = EngineTypes.code(checkpoint.dataType(name));
    long step = Math.max(1, SLICE_BYTES / rowBytes);
    for (long row = 0; row < rows; row += step) {
      long count = Math.min(step, rows - row);
      ByteBuffer bytes = buffer(Math.toIntExact(count * rowBytes));
      checkpoint.read(name, row * rowBytes, bytes);
      bytes.flip();
      try (NDManager scope = owner.newSubManager()) {
        NDArray raw = scope.create(bytes, new Shape(bytes.remaining()), DataType.UINT8);
        script.run(scope, "fill", matrix, raw, firstRow + row, count, code);
      }
    }
  }

  /** One buffer serves all slices: mapped pages would count as this process's memory. */
  private ByteBuffer buffer(int bytes) {
    if (slice.capacity() < bytes) {
      slice = ByteBuffer.allocateDirect(bytes);
    }
    return slice.clear().limit(bytes);
  }
}
