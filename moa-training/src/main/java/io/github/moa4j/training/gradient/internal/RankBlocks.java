package io.github.moa4j.training.gradient.internal;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adapters of one shape as blocks of ranks of a wide one: the rows of their A below each other, the
 * columns of their B beside each other. The wide adapter's delta is the sum of theirs.
 */
final class RankBlocks {

  private RankBlocks() {}

  /**
   * Joins adapters.
   *
   * @param adapters of one rank and one set of target modules in every layer
   * @return the tensors of the wide adapter, f32, by PEFT's keys
   */
  static Map<String, HostTensor> join(List<LoraAdapter> adapters) {
    adapters.forEach(adapter -> adapter.requirePlain("train beside others"));
    Map<String, HostTensor> joined = new LinkedHashMap<>();
    for (String key : adapters.get(0).tensors().keySet()) {
      List<HostTensor> blocks = adapters.stream().map(adapter -> block(adapter, key)).toList();
      joined.put(key, isA(key) ? below(blocks) : beside(blocks));
    }
    return joined;
  }

  private static HostTensor block(LoraAdapter adapter, String key) {
    HostTensor block = adapter.tensors().get(key);
    if (block == null) {
      throw new AdapterException("An adapter has no tensor " + key + ", but the first one has.");
    }
    return block;
  }

  private static boolean isA(String key) {
    return key.contains(".lora_A.");
  }

  private static HostTensor below(List<HostTensor> blocks) {
    int in = Math.toIntExact(blocks.get(0).shape()[1]);
    int rank = Math.toIntExact(blocks.get(0).shape()[0]);
    float[] values = new float[blocks.size() * rank * in];
    for (int i = 0; i < blocks.size(); i++) {
      System.arraycopy(blocks.get(i).toFloatArray(), 0, values, i * rank * in, rank * in);
    }
    return HostTensor.of(values, (long) blocks.size() * rank, in);
  }

  private static HostTensor beside(List<HostTensor> blocks) {
    int out = Math.toIntExact(blocks.get(0).shape()[0]);
    int rank = Math.toIntExact(blocks.get(0).shape()[1]);
    int width = blocks.size() * rank;
    float[] values = new float[out * width];
    for (int i = 0; i < blocks.size(); i++) {
      float[] block = blocks.get(i).toFloatArray();
      for (int row = 0; row < out; row++) {
        System.arraycopy(block, row * rank, values, row * width + i * rank, rank);
      }
    }
    return HostTensor.of(values, out, width);
  }

  /**
   * Splits a wide adapter.
   *
   * @param expert the configuration of one block; its rank times {@code count} is the wide one's
   * @return the blocks, in their order
   */
  static List<LoraAdapter> split(LoraAdapter wide, LoraConfig expert, int count) {
    List<LoraAdapter> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, HostTensor> entry : wide.tensors().entrySet()) {
        HostTensor tensor = entry.getValue();
        tensors.put(
            entry.getKey(),
            isA(entry.getKey())
                ? rows(tensor, i * expert.rank(), expert.rank())
                : columns(tensor, i * expert.rank(), expert.rank()));
      }
      blocks.add(LoraAdapter.of(expert, tensors));
    }
    return blocks;
  }

  private static HostTensor rows(HostTensor tensor, int from, int rank) {
    int in = Math.toIntExact(tensor.shape()[1]);
    float[] values = new float[rank * in];
    System.arraycopy(tensor.toFloatArray(), from * in, values, 0, values.length);
    return HostTensor.of(values, rank, in);
  }

  private static HostTensor columns(HostTensor tensor, int from, int rank) {
    int out = Math.toIntExact(tensor.shape()[0]);
    int width = Math.toIntExact(tensor.shape()[1]);
    float[] wide = tensor.toFloatArray();
    float[] values = new float[out * rank];
    for (int row = 0; row < out; row++) {
      System.arraycopy(wide, row * width + from, values, row * rank, rank);
    }
    return HostTensor.of(values, out, rank);
  }
}
