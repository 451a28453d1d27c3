package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The trainable form of an adapter: A and B of the seven maps in f32, each stacked over the layers,
 * so that an optimiser step touches at most 14 arrays whatever the depth of the model; with DoRA's
 * magnitudes or biases of B at most 21. Where the base has experts, up to 9 more.
 *
 * <p>Owns native memory; not thread-safe.
 */
public final class TrainableLora implements AutoCloseable {

  private final NDManager manager;
  private final ModelConfig config;
  private final LoraConfig lora;

  /**
   * A [layers, rank, in], B [layers, out, rank] by map; then magnitudes and biases [layers, out].
   */
  private final NDList arrays;

  private TrainableLora(NDManager manager, ModelConfig config, LoraConfig lora, NDList arrays) {
    this.manager = manager;
    this.config = config;
    this.lora = lora;
    this.arrays = arrays;
  }

  /**
   * Copies an adapter from host memory. Layers of lower rank are filled up with zeros, and a
   * scaling that differs from the configuration's is folded into B and its bias, so the function
   * stays the same. Where DoRA's magnitudes are missing or zero throughout a map they become those
   * of the base, which change nothing. What the adapter does to the base's own biases, the
   * embedding and the head is left out.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if the adapter does not fit the model
   */
  public static TrainableLora of(
      NDManager parent, DecoderKernel kernel, ModelConfig config, LoraAdapter adapter) {
    adapter.checkFits(config);
    NDManager manager = parent.newSubManager();
    NDList arrays = new NDList();
    ModuleSlots slots = new ModuleSlots(config, adapter.config());
    List<Optional<TargetModule>> modules = slots.modules();
    for (int slot = 0; slot < modules.size(); slot++) {
      Optional<TargetModule> module = modules.get(slot);
      List<String> paths = module.map(slots::paths).orElse(List.of());
      int rank = paths.stream().mapToInt(adapter::rankOf).max().orElse(0);
      if (rank == 0) {
        addEmpty(manager, arrays, config, slots.sites(slot), module);
      } else {
        addStacked(manager, arrays, config, adapter, module.orElseThrow(), paths, rank);
      }
    }
    if (!adapter.isPlain()) {
      new BesideFactors(manager, kernel, config, adapter).addTo(arrays);
    }
    return new TrainableLora(manager, config, uniform(config, adapter, arrays), arrays);
  }

  /** The configuration of the stacked form, in which every layer has the rank of the largest. */
  private static LoraConfig uniform(ModelConfig config, LoraAdapter adapter, NDList arrays) {
    LoraConfig own = adapter.config();
    Map<String, Integer> ranks = new LinkedHashMap<>();
    int index = 1;
    for (Optional<TargetModule> module : new ModuleSlots(config, own).modules()) {
      int rank = Math.toIntExact(arrays.get(index).getShape().get(2));
      if (rank > 0 && rank != own.rank()) {
        ranks.put(pattern(config, module.orElseThrow()), rank);
      }
      index += 2;
    }
    if (ranks.isEmpty() && own.rankPattern().isEmpty() && own.alphaPattern().isEmpty()) {
      return own;
    }
    // B carries what the scaling of a module differs by; its alpha keeps the scaling the same.
    Map<String, Double> alphas = new LinkedHashMap<>();
    ranks.forEach(
        (module, rank) ->
            alphas.put(
                module, own.scaling() * (own.useRslora() ? Math.sqrt(rank) : (double) rank)));
    return new LoraConfig(
        own.rank(),
        own.loraAlpha(),
        own.useRslora(),
        own.loraDropout(),
        own.targetModules(),
        ranks,
        alphas,
        own.aloraInvocationTokens(),
        own.useDora(),
        own.loraBias());
  }

  /**
   * A key of a rank pattern: the name of a map, or more where some experts' are called the same.
   */
  private static String pattern(ModelConfig config, TargetModule module) {
    if (module.isOfParameter()) {
      return "experts\\." + module.peftName();
    }
    if (module.isOfExperts()) {
      return "experts\\.\\d+\\." + module.peftName();
    }
    boolean shared =
        TargetModule.of(config).stream()
            .anyMatch(other -> other != module && other.peftName().equals(module.peftName()));
    return shared ? module.path() : module.peftName();
  }

  private static void addEmpty(
      NDManager manager,
      NDList arrays,
      ModelConfig config,
      int sites,
      Optional<TargetModule> module) {
    int in = module.map(own -> own.inputSize(config)).orElse(config.hiddenSize());
    int out = module.map(own -> own.outputSize(config)).orElse(0);
    arrays.add(manager.zeros(new Shape(sites, 0, in)));
    arrays.add(manager.zeros(new Shape(sites, out, 0)));
  }

  private static void addStacked(
      NDManager manager,
      NDList arrays,
      ModelConfig config,
      LoraAdapter adapter,
      TargetModule module,
      List<String> paths,
      int rank) {
    int sites = paths.size();
    int in = module.inputSize(config);
    int out = module.outputSize(config);
    float[] a = new float[Math.multiplyExact(sites, rank * in)];
    float[] b = new float[Math.multiplyExact(sites, out * rank)];
    for (int site = 0; site < sites; site++) {
      String path = paths.get(site);
      int own = adapter.rankOf(path);
      if (own == 0) {
        continue;
      }
      float[] ownA = adapter.part(path, AdapterPart.LORA_A).orElseThrow().toFloatArray();
      System.arraycopy(ownA, 0, a, site * rank * in, ownA.length);
      float[] ownB = adapter.part(path, AdapterPart.LORA_B).orElseThrow().toFloatArray();
      float fold = (float) (adapter.scaling(path) / adapter.config().scaling());
      for (int row = 0; row < out; row++) {
        for (int column = 0; column < own; column++) {
          b[(site * out + row) * rank + column] = ownB[row * own + column] * fold;
        }
      }
    }
    arrays.add(aligned(manager, a, sites, rank, in));
    arrays.add(aligned(manager, b, sites, out, rank));
  }

  /**
   * An array in the engine's own memory. One that wraps a Java buffer is aligned as chance will
   * have it, and the engine's matrix product rounds by alignment.
   */
  static NDArray aligned(NDManager manager, float[] values, long... shape) {
    try (NDArray wrapper = manager.create(values, new Shape(shape))) {
      return wrapper.duplicate();
    }
  }

  /** Returns the configuration. */
  public LoraConfig config() {
    return lora;
  }

  /**
   * Returns A and B of q, k, v, o, gate, up and down, 14 arrays [layers, rank, in] and [layers,
   * out, rank]; rank 0 where a map is not adapted, and all of several maps in one at the first. If
   * the base has experts, six more of their gate, up and down, [layers · experts, ...]. If the
   * adapter has more than these, as many arrays of magnitudes and of biases follow, [layers, out]
   * or empty. They stay owned by this object.
   */
  public List<NDArray> arrays() {
    return arrays;
  }

  /** Returns those of {@link #arrays()} that train: all of the maps that are adapted. */
  public List<NDArray> moving() {
    return arrays.stream().filter(array -> array.size() > 0).toList();
  }

  /** Returns how many of {@link #moving()} are A and B, which alternate and come first. */
  public int movingFactors() {
    return (int)
        arrays.stream()
            .limit(2L * new ModuleSlots(config, lora).modules().size())
            .filter(array -> array.size() > 0)
            .count();
  }

  /** Copies the parameters to host memory, as an adapter in f32 with PEFT's names. */
  public LoraAdapter toAdapter() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    List<ByteBuffer> contents = new ArrayList<>();
    for (NDArray array : arrays) {
      contents.add(array.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }
    ModuleSlots slots = new ModuleSlots(config, lora);
    DecoderLayout layout = DecoderLayout.of(config);
    List<Optional<TargetModule>> order = slots.modules();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (TargetModule module : lora.targetModules()) {
        if (layout.has(layer, module.path())) {
          int slot = order.indexOf(Optional.of(module));
          int each = slots.sites(slot) / config.numHiddenLayers();
          for (int site = layer * each; site < (layer + 1) * each; site++) {
            String path = "model.layers." + layer + "." + module.path(site - layer * each);
            put(tensors, path, slot, site, contents, order.size());
          }
        }
      }
    }
    return LoraAdapter.ofEveryLayer(lora, tensors);
  }

  private void put(
      Map<String, HostTensor> tensors,
      String path,
      int slot,
      int site,
      List<ByteBuffer> contents,
      int slots) {
    tensors.put(LoraAdapter.key(path, AdapterPart.LORA_A), slice(contents, 2 * slot, site));
    tensors.put(LoraAdapter.key(path, AdapterPart.LORA_B), slice(contents, 2 * slot + 1, site));
    if (lora.useDora()) {
      tensors.put(
          LoraAdapter.key(path, AdapterPart.MAGNITUDE), slice(contents, 2 * slots + slot, site));
    }
    if (lora.loraBias()) {
      tensors.put(
          LoraAdapter.key(path, AdapterPart.LORA_BIAS), slice(contents, 3 * slots + slot, site));
    }
  }

  /** One layer, or one expert, of a stacked array. */
  private HostTensor slice(List<ByteBuffer> contents, int index, int site) {
    long[] shape = arrays.get(index).getShape().slice(1).getShape();
    int bytes = Math.toIntExact(LongStream.of(shape).reduce(Float.BYTES, Math::multiplyExact));
    ByteBuffer values = contents.get(index).slice(site * bytes, bytes);
    return new HostTensor(DataType.F32, shape, values.order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    manager.close();
  }
}
