package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.ModelConfig;
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
 * magnitudes or biases of B at most 21.
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
    for (Optional<TargetModule> module : new ModuleSlots(config).modules()) {
      int rank = 0;
      for (int layer = 0; layer < config.numHiddenLayers() && module.isPresent(); layer++) {
        rank = Math.max(rank, adapter.rank(layer, module.get()));
      }
      if (rank == 0) {
        addEmpty(manager, arrays, config, module);
      } else {
        addStacked(manager, arrays, config, adapter, module.orElseThrow(), rank);
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
    for (Optional<TargetModule> module : new ModuleSlots(config).modules()) {
      int rank = Math.toIntExact(arrays.get(index).getShape().get(2));
      if (rank > 0 && rank != own.rank()) {
        ranks.put(module.orElseThrow().peftName(), rank);
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

  private static void addEmpty(
      NDManager manager, NDList arrays, ModelConfig config, Optional<TargetModule> module) {
    int layers = config.numHiddenLayers();
    int in = module.map(own -> own.inputSize(config)).orElse(config.hiddenSize());
    int out = module.map(own -> own.outputSize(config)).orElse(0);
    arrays.add(manager.zeros(new Shape(layers, 0, in)));
    arrays.add(manager.zeros(new Shape(layers, out, 0)));
  }

  private static void addStacked(
      NDManager manager,
      NDList arrays,
      ModelConfig config,
      LoraAdapter adapter,
      TargetModule module,
      int rank) {
    int layers = config.numHiddenLayers();
    int in = module.inputSize(config);
    int out = module.outputSize(config);
    float[] a = new float[layers * rank * in];
    float[] b = new float[layers * out * rank];
    for (int layer = 0; layer < layers; layer++) {
      int own = adapter.rank(layer, module);
      if (own == 0) {
        continue;
      }
      float[] ownA = adapter.loraA(layer, module).orElseThrow().toFloatArray();
      System.arraycopy(ownA, 0, a, layer * rank * in, ownA.length);
      float[] ownB = adapter.loraB(layer, module).orElseThrow().toFloatArray();
      float fold = (float) (adapter.scaling(layer, module) / adapter.config().scaling());
      for (int row = 0; row < out; row++) {
        for (int column = 0; column < own; column++) {
          b[(layer * out + row) * rank + column] = ownB[row * own + column] * fold;
        }
      }
    }
    arrays.add(aligned(manager, a, layers, rank, in));
    arrays.add(aligned(manager, b, layers, out, rank));
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
   * the adapter has more than these, seven arrays of magnitudes and seven of biases follow,
   * [layers, out] or empty. They stay owned by this object.
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
        arrays.stream().limit(2 * ModuleSlots.COUNT).filter(array -> array.size() > 0).count();
  }

  /** Copies the parameters to host memory, as an adapter in f32 with PEFT's names. */
  public LoraAdapter toAdapter() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    List<ByteBuffer> contents = new ArrayList<>();
    for (NDArray array : arrays) {
      contents.add(array.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }
    List<Optional<TargetModule>> order = new ModuleSlots(config).modules();
    int maps = order.size();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (TargetModule module : lora.targetModules()) {
        int index = order.indexOf(Optional.of(module));
        tensors.put(
            LoraAdapter.key(layer, module, AdapterPart.LORA_A), slice(contents, 2 * index, layer));
        tensors.put(
            LoraAdapter.key(layer, module, AdapterPart.LORA_B),
            slice(contents, 2 * index + 1, layer));
        if (lora.useDora()) {
          tensors.put(
              LoraAdapter.key(layer, module, AdapterPart.MAGNITUDE),
              slice(contents, 2 * maps + index, layer));
        }
        if (lora.loraBias()) {
          tensors.put(
              LoraAdapter.key(layer, module, AdapterPart.LORA_BIAS),
              slice(contents, 3 * maps + index, layer));
        }
      }
    }
    return LoraAdapter.ofEveryLayer(lora, tensors);
  }

  /** One layer of a stacked array. */
  private HostTensor slice(List<ByteBuffer> contents, int index, int layer) {
    long[] shape = arrays.get(index).getShape().slice(1).getShape();
    int bytes = Math.toIntExact(LongStream.of(shape).reduce(Float.BYTES, Math::multiplyExact));
    ByteBuffer values = contents.get(index).slice(layer * bytes, bytes);
    return new HostTensor(DataType.F32, shape, values.order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    manager.close();
  }
}
