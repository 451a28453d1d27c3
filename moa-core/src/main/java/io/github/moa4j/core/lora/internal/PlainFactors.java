package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import java.util.List;

/**
 * A and B of an adapter that is no more than these, brought straight into the form in which they
 * are applied: beside it exists one map of one layer at a time.
 *
 * @param owner of the arrays
 */
record PlainFactors(NDManager owner, ModelConfig config, LoraAdapter adapter) {

  /** Returns the highest rank that each module of a map has in any layer: all are given that. */
  static int[] ranks(ModelConfig config, LoraAdapter adapter, List<TargetModule> map) {
    int[] ranks = new int[map.size()];
    for (int i = 0; i < ranks.length; i++) {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        ranks[i] = Math.max(ranks[i], adapter.rank(layer, map.get(i)));
      }
    }
    return ranks;
  }

  /** Returns the columns of a map's B: its outputs, or those of gate where up has equal rank. */
  static int width(ModelConfig config, List<TargetModule> map, int[] ranks) {
    return isEven(ranks)
        ? map.get(0).outputSize(config)
        : map.stream().mapToInt(module -> module.outputSize(config)).sum();
  }

  /** Gate and up of equal ranks: their B stand one below the other, without zeros beside them. */
  private static boolean isEven(int[] ranks) {
    return ranks.length == 2 && ranks[0] == ranks[1];
  }

  /** Returns 16 arrays a layer: A [rank, in] and B [rank, out] of each map, and two empty ones. */
  NDList byLayer() {
    List<List<TargetModule>> maps = new ModuleSlots(config).maps();
    int[][] ranks = new int[maps.size()][];
    for (int map = 0; map < ranks.length; map++) {
      ranks[map] = ranks(config, adapter, maps.get(map));
    }
    NDArray nothing = owner.create(new float[0]);
    NDList arrays = new NDList();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (int map = 0; map < ranks.length; map++) {
        int rank = 0;
        for (int own : ranks[map]) {
          rank += own;
        }
        arrays.add(rank == 0 ? nothing : a(layer, maps.get(map), ranks[map], rank));
        arrays.add(rank == 0 ? nothing : b(layer, maps.get(map), ranks[map], rank));
        arrays.add(nothing);
        arrays.add(nothing);
      }
    }
    return arrays;
  }

  /** The modules' A one below the other. */
  private NDArray a(int layer, List<TargetModule> map, int[] ranks, int rank) {
    int in = map.get(0).inputSize(config);
    float[] values = new float[rank * in];
    int first = 0; // rank of the module
    for (int i = 0; i < ranks.length; i++) {
      int start = first * in;
      adapter
          .loraA(layer, map.get(i))
          .map(tensor -> tensor.toFloatArray())
          .ifPresent(own -> System.arraycopy(own, 0, values, start, own.length));
      first += ranks[i];
    }
    return TrainableLora.aligned(owner, values, rank, in);
  }

  /** The modules' B turned, each in columns of its own, with the scaling in it. */
  private NDArray b(int layer, List<TargetModule> map, int[] ranks, int rank) {
    int out = width(config, map, ranks);
    float[] values = new float[rank * out];
    float scaling = (float) adapter.config().scaling();
    int first = 0; // rank of the module
    int column = 0;
    for (int i = 0; i < ranks.length; i++) {
      TargetModule module = map.get(i);
      int own = adapter.rank(layer, module);
      if (own > 0) {
        float[] b = adapter.loraB(layer, module).orElseThrow().toFloatArray(); // [out, rank]
        float fold = (float) (adapter.scaling(layer, module) / adapter.config().scaling());
        for (int row = 0; row < module.outputSize(config); row++) {
          for (int r = 0; r < own; r++) {
            values[(first + r) * out + column + row] = b[row * own + r] * fold * scaling;
          }
        }
      }
      first += ranks[i];
      column += isEven(ranks) ? 0 : module.outputSize(config);
    }
    return TrainableLora.aligned(owner, values, rank, out);
  }
}
