package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.TensorList;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The engine's form of an applied adapter: A and B of the fused maps qkv, o, gate-up and down layer
 * by layer in f32, with the scaling folded into B, and what else it does to a map.
 */
public final class FusedLora implements AppliedLora {

  private static final int OF_LAYERS = 16;
  private static final int MAPS = 4;
  private static final int GATE = 4; // among the modules
  private static final int UP = 5;
  private static final int EXPERT_GATE = 7;

  private final Object identity = new Object();
  private final NDManager manager;
  private final TensorList tensors; // 16 a layer, and 8 where it adapts experts; of experts 4 more
  private final int layers;
  private final TensorList vocabulary; // 13, or none
  private final List<NDArray> gating;

  private FusedLora(
      NDManager manager,
      int layers,
      TensorList tensors,
      TensorList vocabulary,
      List<NDArray> gating) {
    this.manager = manager;
    this.layers = layers;
    this.tensors = tensors;
    this.vocabulary = vocabulary;
    this.gating = gating;
  }

  /**
   * Fuses the present values of trainable parameters.
   *
   * @param parent owner of the adapter's own manager
   */
  public static FusedLora of(NDManager parent, DecoderKernel kernel, TrainableLora parameters) {
    NDManager own = parent.newSubManager();
    try (NDManager scope = parent.newSubManager()) {
      NDList fused = kernel.fuse(scope, parameters.arrays(), parameters.config().scaling());
      int layers = Math.toIntExact(fused.get(0).getShape().get(0));
      TensorList tensors = TensorList.of(own, byLayer(own, kernel, fused, parameters));
      return new FusedLora(own, layers, tensors, kernel.nothing(), List.of());
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /**
   * Fuses parameters whose ranks are experts.
   *
   * @param gating how every token chooses among them: number of experts a token takes i64 [1], 0
   *     for all; weight f32 [layers, experts, hiddenSize]; bias f32 [layers, experts]; copied.
   *     Empty where they are chosen otherwise
   * @param experts how many there are
   * @param block rank of one expert
   */
  public static FusedLora of(
      NDManager parent,
      DecoderKernel kernel,
      TrainableLora parameters,
      List<NDArray> gating,
      int experts,
      int block) {
    NDManager own = parent.newSubManager();
    try (NDManager scope = parent.newSubManager()) {
      NDList fused = kernel.fuse(scope, parameters.arrays(), parameters.config().scaling());
      List<NDArray> layers = new ArrayList<>(byLayer(own, kernel, fused, parameters));
      for (int map = 0; map < MAPS; map++) {
        int rank = Math.toIntExact(fused.get(MAPS * map).getShape().get(1));
        layers.add(own.create(spread(experts, block, rank), new Shape(experts, rank)));
      }
      NDList copies = new NDList();
      for (NDArray array : gating) {
        NDArray copy = array.duplicate();
        copy.attach(own);
        copies.add(copy);
      }
      int depth = Math.toIntExact(fused.get(0).getShape().get(0));
      return new FusedLora(own, depth, TensorList.of(own, layers), kernel.nothing(), copies);
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /** Which of a map's ranks are whose: of several modules in one, each has its own experts. */
  private static float[] spread(int experts, int block, int rank) {
    float[] values = new float[experts * rank];
    for (int column = 0; column < rank; column++) {
      values[column / block % experts * rank + column] = 1;
    }
    return values;
  }

  /**
   * Brings a stored adapter with all that it holds into the applied form.
   *
   * @param parent owner of the adapter's own manager
   * @throws io.github.moa4j.core.lora.AdapterException if the adapter does not fit the model
   */
  public static FusedLora of(
      NDManager parent, DecoderKernel kernel, ModelConfig config, LoraAdapter adapter) {
    NDManager own = parent.newSubManager();
    try {
      adapter.checkFits(config);
      return adapter.isPlain()
          ? plain(own, kernel, config, adapter)
          : withMore(own, kernel, config, adapter);
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  private static FusedLora plain(
      NDManager own, DecoderKernel kernel, ModelConfig config, LoraAdapter adapter) {
    TensorList tensors = TensorList.of(own, new PlainFactors(own, config, adapter).byLayer());
    return new FusedLora(own, config.numHiddenLayers(), tensors, kernel.nothing(), List.of());
  }

  private static FusedLora withMore(
      NDManager own, DecoderKernel kernel, ModelConfig config, LoraAdapter adapter) {
    try (NDManager scope = own.newSubManager();
        TrainableLora parameters = TrainableLora.of(scope, kernel, config, adapter)) {
      NDList fused = kernel.fuse(scope, parameters.arrays(), parameters.config().scaling());
      NDList biases = new BesideFactors(scope, kernel, config, adapter).replacedBiases();
      fused = kernel.replaceBiases(scope, fused, biases, parameters.arrays());
      TensorList vocabulary =
          VocabularyParts.existIn(adapter)
              ? TensorList.of(own, new VocabularyParts(kernel, config, adapter).fuse(own))
              : kernel.nothing();
      TensorList tensors = TensorList.of(own, byLayer(own, kernel, fused, parameters));
      return new FusedLora(own, config.numHiddenLayers(), tensors, vocabulary, List.of());
    }
  }

  /**
   * Returns the bytes that the applied form of an adapter takes: exactly if it is A and B of maps
   * alone, else at most.
   */
  public static long sizeInBytes(ModelConfig config, LoraAdapter adapter) {
    long floats = 0;
    for (List<TargetModule> map : new ModuleSlots(config, adapter.config()).maps()) {
      int[] ranks = PlainFactors.ranks(config, adapter, map);
      int rank = IntStream.of(ranks).sum();
      long each = config.numHiddenLayers();
      if (!map.isEmpty() && map.get(0).isOfExperts()) {
        each *= config.experts().count();
      }
      if (rank > 0) {
        floats += each * rank * map.get(0).inputSize(config);
        floats += each * rank * PlainFactors.width(config, map, ranks);
      }
      if (!adapter.isPlain()) { // factors, and what is added
        floats += each * map.stream().mapToLong(module -> 2L * module.outputSize(config)).sum();
      }
    }
    if (!adapter.isPlain()) {
      floats += adapter.tensors().values().stream().mapToLong(HostTensor::size).sum();
      floats += VocabularyParts.tiedSize(config, adapter);
    }
    return Float.BYTES * floats;
  }

  private static NDList byLayer(
      NDManager own, DecoderKernel kernel, NDList fused, TrainableLora parameters) {
    List<NDArray> arrays = parameters.arrays();
    boolean experts = fused.size() > OF_LAYERS;
    return kernel.byLayer(
        own, fused, even(arrays, GATE, UP), experts && even(arrays, EXPERT_GATE, EXPERT_GATE + 1));
  }

  /** Whether gate and up have equal ranks. */
  private static boolean even(List<NDArray> arrays, int gate, int up) {
    return arrays.get(2 * gate).getShape().get(1) == arrays.get(2 * up).getShape().get(1);
  }

  /**
   * Returns the engine's side of an applied adapter.
   *
   * @throws IllegalArgumentException if no base model has loaded it
   */
  public static FusedLora of(AppliedLora adapter) {
    if (adapter instanceof FusedLora fused) {
      return fused;
    }
    throw new IllegalArgumentException(
        "An adapter that a base model has loaded was expected, not " + adapter);
  }

  /** Returns what tells this adapter's values from all others', and outlives it. */
  public Object identity() {
    return identity;
  }

  /** Returns the arrays by layer, as a pass takes them. */
  public TensorList tensors() {
    return tensors;
  }

  /** Returns what it does to the embedding and the head; mostly nothing. */
  public TensorList vocabulary() {
    return vocabulary;
  }

  /** Tells whether it changes the embedding or the head, which no layer chooses. */
  public boolean changesVocabulary() {
    return !vocabulary.arrays().isEmpty();
  }

  /** Tells whether it can share a part with others. */
  public boolean canSitBeside() {
    return !changesVocabulary()
        && gating.isEmpty()
        && tensors.arrays().size() == OF_LAYERS * layers;
  }

  /** Returns how tokens choose among experts: number, weight, bias; empty for an adapter. */
  public List<NDArray> gating() {
    return gating;
  }

  @Override
  public long sizeInBytes() {
    return tensors.sizeInFloats() + vocabulary.sizeInFloats();
  }

  @Override
  public void close() {
    manager.close();
  }
}
