package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A and B of an adapter that is no more than these, brought straight into the form in which they
 * are applied: beside it exists one map of one layer at a time.
 *
 * @param owner of the arrays
 */
record PlainFactors(NDManager owner, ModelConfig config, LoraAdapter adapter) {

  /** Returns the highest rank that each module of a map has anywhere: all are given that. */
  static int[] ranks(ModelConfig config, LoraAdapter adapter, List<TargetModule> map) {
    int[] ranks = new int[map.size()];
    for (int i = 0; i < ranks.length; i++) {
      for (String path : map.get(i).paths(config)) {
        ranks[i] = Math.max(ranks[i], adapter.rankOf(path));
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

  /** A map that is adapted: its modules, their ranks, and the widths of its A and B. */
  private record Adapted(List<TargetModule> map, int[] ranks, int rank, int in, int out) {

    static Adapted of(ModelConfig config, LoraAdapter adapter, List<TargetModule> map) {
      int[] ranks = PlainFactors.ranks(config, adapter, map);
      int rank = IntStream.of(ranks).sum();
      return rank == 0
          ? new Adapted(map, ranks, 0, 0, 0)
          : new Adapted(map, ranks, rank, map.get(0).inputSize(config), width(config, map, ranks));
    }
  }

  /**
   * Returns 16 arrays a layer: A [rank, in] and B [rank, out] of each map, and two empty ones.
   * Where experts are adapted, 8 more a layer behind all of these, A [experts, rank, in] and so on.
   */
  NDList byLayer() {
    List<Adapted> maps =
        new ModuleSlots(config, adapter.config())
            .maps().stream().map(map -> Adapted.of(config, adapter, map)).toList();
    NDArray nothing = owner.create(new float[0]);
    NDList arrays = new NDList();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (Adapted map : maps.subList(0, ModuleSlots.MAPS)) {
        addTo(arrays, layer, map, 1, nothing);
      }
    }
    List<Adapted> ofExperts = maps.subList(ModuleSlots.MAPS, maps.size());
    if (ofExperts.stream().anyMatch(map -> map.rank() > 0)) {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        for (Adapted map : ofExperts) {
          addTo(arrays, layer, map, config.experts().count(), nothing);
        }
      }
    }
    return arrays;
  }

  private void addTo(NDList arrays, int layer, Adapted map, int experts, NDArray nothing) {
    if (map.rank() == 0) {
      arrays.add(nothing);
      arrays.add(nothing);
    } else {
      float[] a = new float[Math.multiplyExact(experts, map.rank() * map.in())];
      float[] b = new float[Math.multiplyExact(experts, map.rank() * map.out())];
      for (int expert = 0; expert < experts; expert++) {
        putA(layer, expert, map, a, expert * map.rank() * map.in());
        putB(layer, expert, map, b, expert * map.rank() * map.out());
      }
      boolean some = map.map().get(0).isOfExperts();
      arrays.add(aligned(a, some, experts, map.rank(), map.in()));
      arrays.add(aligned(b, some, experts, map.rank(), map.out()));
    }
    arrays.add(nothing);
    arrays.add(nothing);
  }

  private NDArray aligned(float[] values, boolean some, int experts, int rank, int width) {
    return some
        ? TrainableLora.aligned(owner, values, experts, rank, width)
        : TrainableLora.aligned(owner, values, rank, width);
  }

  private static String path(int layer, int expert, TargetModule module) {
    return "model.layers." + layer + "." + module.path(expert);
  }

  /** The modules' A one below the other. */
  private void putA(int layer, int expert, Adapted map, float[] values, int offset) {
    int next = offset;
    for (int i = 0; i < map.ranks().length; i++) {
      int start = next;
      adapter
          .part(path(layer, expert, map.map().get(i)), AdapterPart.LORA_A)
          .map(tensor -> tensor.toFloatArray())
          .ifPresent(own -> System.arraycopy(own, 0, values, start, own.length));
      next += map.ranks()[i] * map.in();
    }
  }

  /** The modules' B turned, each in columns of its own, with the scaling in it. */
  private void putB(int layer, int expert, Adapted map, float[] values, int offset) {
    float scaling = (float) adapter.config().scaling();
    int first = 0; // rank of the module
    int column = 0;
    for (int i = 0; i < map.ranks().length; i++) {
      TargetModule module = map.map().get(i);
      String path = path(layer, expert, module);
      int own = adapter.rankOf(path);
      int out = module.outputSize(config);
      if (own > 0) {
        float[] b = adapter.part(path, AdapterPart.LORA_B).orElseThrow().toFloatArray();
        float fold = (float) (adapter.scaling(path) / adapter.config().scaling());
        for (int row = 0; row < out; row++) {
          for (int r = 0; r < own; r++) {
            values[offset + (first + r) * map.out() + column + row] =
                b[row * own + r] * fold * scaling;
          }
        }
      }
      first += map.ranks()[i];
      column += isEven(map.ranks()) ? 0 : out;
    }
  }
}
