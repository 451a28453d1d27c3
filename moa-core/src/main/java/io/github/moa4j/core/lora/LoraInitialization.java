package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** How a new adapter starts. */
public final class LoraInitialization {

  private LoraInitialization() {}

  /**
   * Makes an adapter as PEFT does: A Kaiming-uniform with a = √5, that is uniform in ±1/√in (Hu et
   * al., 2021, section 4.1, has a Gaussian A), and B zero, so that it starts as the base. Biases of
   * B are zero too, and so are DoRA's magnitudes, which stands for those of the base.
   *
   * @param model the shape of the base
   * @param wanted {@linkplain LoraConfig#forModel for the model}, whatever maps it names
   * @param seed determines A
   * @throws AdapterException if the configuration has patterns, as a new adapter has one rank, or
   *     that rank is above the width of every map
   */
  public static LoraAdapter random(ModelConfig model, LoraConfig wanted, long seed) {
    LoraConfig lora = wanted.forModel(model);
    if (!lora.rankPattern().isEmpty() || !lora.alphaPattern().isEmpty()) {
      throw new AdapterException(
          "A new adapter has one rank and one alpha: rank_pattern and alpha_pattern must be empty.");
    }
    requireRankWithinWidth(model, lora);
    SplittableRandom random = new SplittableRandom(seed);
    Map<TargetModule, List<String>> paths = new EnumMap<>(TargetModule.class);
    Map<String, float[]> drawn = new HashMap<>();
    for (TargetModule module : lora.targetModules()) {
      paths.put(module, module.paths(model));
      int in = module.inputSize(model);
      paths.get(module).forEach(path -> drawn.put(path, uniform(random, lora.rank(), in)));
    }
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < model.numHiddenLayers(); layer++) {
      String prefix = ModulePatterns.path(layer, "");
      for (TargetModule module : lora.targetModules()) {
        int in = module.inputSize(model);
        int out = module.outputSize(model);
        for (String path : paths.get(module)) {
          if (path.startsWith(prefix)) {
            add(tensors, path, lora, drawn.get(path), in, out);
          }
        }
      }
    }
    return LoraAdapter.ofEveryLayer(lora, tensors);
  }

  private static void add(
      Map<String, HostTensor> tensors, String path, LoraConfig lora, float[] a, int in, int out) {
    tensors.put(LoraAdapter.key(path, AdapterPart.LORA_A), HostTensor.of(a, lora.rank(), in));
    tensors.put(
        LoraAdapter.key(path, AdapterPart.LORA_B),
        HostTensor.of(new float[out * lora.rank()], out, lora.rank()));
    if (lora.useDora()) {
      tensors.put(LoraAdapter.key(path, AdapterPart.MAGNITUDE), HostTensor.of(new float[out], out));
    }
    if (lora.loraBias()) {
      tensors.put(LoraAdapter.key(path, AdapterPart.LORA_BIAS), HostTensor.of(new float[out], out));
    }
  }

  /** A difference of weights has no more ranks than rows or columns; memory would run out. */
  private static void requireRankWithinWidth(ModelConfig model, LoraConfig lora) {
    int widest =
        lora.targetModules().stream()
            .mapToInt(module -> Math.max(module.inputSize(model), module.outputSize(model)))
            .max()
            .orElse(lora.rank());
    if (lora.rank() > widest) {
      throw new AdapterException(
          "Rank "
              + lora.rank()
              + " is more than the maps of the base can use, whose widest has "
              + widest
              + " rows or columns. Give a lower rank.");
    }
  }

  private static float[] uniform(SplittableRandom random, int rank, int in) {
    float[] values = new float[Math.multiplyExact(rank, in)];
    double bound = 1 / Math.sqrt(in);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return values;
  }
}
