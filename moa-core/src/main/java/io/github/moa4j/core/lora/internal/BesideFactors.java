package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What an adapter has of a layer's maps beside A and B, stacked over the layers: arrays [layers,
 * out], empty where a map has none.
 *
 * @param manager owner of the arrays
 */
record BesideFactors(
    NDManager manager, DecoderKernel kernel, ModelConfig config, LoraAdapter adapter) {

  /** Adds the magnitudes of the modules, then the biases of B. */
  void addTo(NDList arrays) {
    try (NDManager scope = manager.newSubManager()) {
      List<NDArray> lengths = adapter.config().useDora() ? kernel.rowLengths(scope) : List.of();
      for (int slot = 0; slot < modules().size(); slot++) {
        Optional<TargetModule> module = modules().get(slot);
        arrays.add(
            adapter.config().useDora() && isTarget(module)
                ? magnitudes(module.orElseThrow(), lengths)
                : empty(slot));
      }
    }
    for (int slot = 0; slot < modules().size(); slot++) {
      Optional<TargetModule> module = modules().get(slot);
      arrays.add(
          adapter.config().loraBias() && isTarget(module)
              ? stacked(module.orElseThrow(), AdapterPart.LORA_BIAS, 0, true)
              : empty(slot));
    }
  }

  private List<Optional<TargetModule>> modules() {
    return new ModuleSlots(config, adapter.config()).modules();
  }

  private boolean isTarget(Optional<TargetModule> module) {
    return module.filter(adapter.config().targetModules()::contains).isPresent();
  }

  /**
   * The biases that take the place of the base's, of the modules outside of experts; NaN in layers
   * without. None at all if the adapter has none.
   */
  NDList replacedBiases() {
    boolean some = false;
    for (TargetModule module : TargetModule.of(config)) {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        some |= adapter.part(layer, module, AdapterPart.BIAS).isPresent();
      }
    }
    NDList arrays = new NDList();
    for (int slot = 0; slot < ModuleSlots.COUNT; slot++) {
      Optional<TargetModule> module = modules().get(slot);
      arrays.add(
          some && module.isPresent()
              ? stacked(module.get(), AdapterPart.BIAS, Float.NaN, false)
              : empty(slot));
    }
    return arrays;
  }

  private NDArray empty(int slot) {
    return manager.zeros(new Shape(new ModuleSlots(config, adapter.config()).sites(slot), 0));
  }

  private NDArray stacked(TargetModule module, AdapterPart part, float absent, boolean scaled) {
    int out = module.outputSize(config);
    List<String> paths = new ModuleSlots(config, adapter.config()).paths(module);
    float[] values = new float[Math.multiplyExact(paths.size(), out)];
    Arrays.fill(values, absent);
    for (int site = 0; site < paths.size(); site++) {
      Optional<HostTensor> tensor = adapter.part(paths.get(site), part);
      if (tensor.isEmpty()) {
        continue;
      }
      float[] own = tensor.get().toFloatArray();
      double fold = adapter.scaling(paths.get(site)) / adapter.config().scaling();
      for (int row = 0; row < out; row++) {
        values[site * out + row] = scaled ? (float) (own[row] * fold) : own[row];
      }
    }
    return TrainableLora.aligned(manager, values, paths.size(), out);
  }

  private NDArray magnitudes(TargetModule module, List<NDArray> lengths) {
    int out = module.outputSize(config);
    List<String> paths = new ModuleSlots(config, adapter.config()).paths(module);
    float[] values = new float[Math.multiplyExact(paths.size(), out)];
    float[] base = ofBase(module, lengths, paths.size());
    for (int site = 0; site < paths.size(); site++) {
      float[] own =
          adapter
              .part(paths.get(site), AdapterPart.MAGNITUDE)
              .map(HostTensor::toFloatArray)
              .orElseGet(() -> new float[out]);
      boolean unset = true;
      for (float value : own) {
        unset &= value == 0;
      }
      System.arraycopy(unset ? base : own, unset ? site * out : 0, values, site * out, out);
    }
    return TrainableLora.aligned(manager, values, paths.size(), out);
  }

  /** The lengths of the rows of the base's weights, [sites, out]; 0 where a layer has none. */
  private float[] ofBase(TargetModule module, List<NDArray> lengths, int sites) {
    List<List<TargetModule>> maps = new ModuleSlots(config, adapter.config()).maps();
    int map = 0;
    while (!maps.get(map).contains(module)) {
      map++;
    }
    int from = 0;
    for (TargetModule above : maps.get(map).subList(0, maps.get(map).indexOf(module))) {
      from += above.outputSize(config);
    }
    float[] all = lengths.get(map).toFloatArray();
    int width = all.length / sites;
    int out = module.outputSize(config);
    float[] own = new float[sites * out];
    for (int site = 0; site < sites; site++) {
      System.arraycopy(all, site * width + from, own, site * out, out);
    }
    return own;
  }
}
