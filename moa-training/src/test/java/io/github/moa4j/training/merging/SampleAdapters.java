package io.github.moa4j.training.merging;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Small random adapters, and their deltas by plain loops. */
final class SampleAdapters {

  static final int LAYERS = 2;
  static final int HIDDEN = 7;
  static final int WIDE = 11;
  static final Set<TargetModule> TWO = EnumSet.of(TargetModule.V_PROJ, TargetModule.UP_PROJ);

  private SampleAdapters() {}

  static LoraAdapter golden(String name) {
    return PeftFormat.read(
        Path.of("../moa-core/src/test/resources/golden").resolve(name).resolve("adapter"));
  }

  static LoraAdapter random(int rank, double alpha, long seed) {
    return random(LoraConfig.of(rank, alpha, TWO), seed);
  }

  static LoraAdapter random(LoraConfig config, long seed) {
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (TargetModule module : config.targetModules()) {
        int rank = config.rank(layer, module);
        int out = module == TargetModule.UP_PROJ ? WIDE : HIDDEN;
        tensors.put(LoraAdapter.key(layer, module, "lora_A"), gaussian(random, rank, HIDDEN));
        tensors.put(LoraAdapter.key(layer, module, "lora_B"), gaussian(random, out, rank));
      }
    }
    return LoraAdapter.of(config, tensors);
  }

  private static HostTensor gaussian(Random random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return HostTensor.of(values, rows, columns);
  }

  /** The same adapter with every value of B multiplied. */
  static LoraAdapter scaled(LoraAdapter adapter, double factor) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(adapter.tensors());
    tensors.replaceAll(
        (key, tensor) -> {
          if (key.contains("lora_A")) {
            return tensor;
          }
          float[] values = tensor.toFloatArray();
          for (int i = 0; i < values.length; i++) {
            values[i] *= (float) factor;
          }
          return HostTensor.of(values, tensor.shape());
        });
    return LoraAdapter.of(adapter.config(), tensors);
  }

  /** Returns s B A row by row, or zeros where the adapter leaves the map alone. */
  static double[] delta(LoraAdapter adapter, int layer, TargetModule module) {
    int out = module == TargetModule.UP_PROJ ? WIDE : HIDDEN;
    double[] delta = new double[out * HIDDEN];
    int rank = adapter.rank(layer, module);
    if (rank == 0) {
      return delta;
    }
    float[] a = adapter.loraA(layer, module).orElseThrow().toFloatArray();
    float[] b = adapter.loraB(layer, module).orElseThrow().toFloatArray();
    for (int i = 0; i < out; i++) {
      for (int j = 0; j < HIDDEN; j++) {
        for (int k = 0; k < rank; k++) {
          delta[i * HIDDEN + j] +=
              adapter.scaling(layer, module) * b[i * rank + k] * a[k * HIDDEN + j];
        }
      }
    }
    return delta;
  }

  static double[] weightedSum(
      List<LoraAdapter> adapters, List<Double> weights, int layer, TargetModule module) {
    double[] sum = delta(adapters.get(0), layer, module);
    for (int i = 0; i < sum.length; i++) {
      sum[i] = 0;
    }
    for (int n = 0; n < adapters.size(); n++) {
      double[] delta = delta(adapters.get(n), layer, module);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weights.get(n) * delta[i];
      }
    }
    return sum;
  }
}
