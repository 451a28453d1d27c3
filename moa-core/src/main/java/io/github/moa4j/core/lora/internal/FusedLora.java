package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.TensorList;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import java.util.ArrayList;
import java.util.List;

/**
 * The engine's form of an applied adapter: A and B of the fused maps qkv, o, gate-up and down layer
 * by layer in f32, with the scaling folded into B, and what else it does to a map.
 */
public final class FusedLora implements AppliedLora {

  private static final int OF_LAYERS = 16;
  private static final int MAPS = 4;
  private static final List<List<TargetModule>> FUSED =
      List.of(
          List.of(TargetModule.Q_PROJ, TargetModule.K_PROJ, TargetModule.V_PROJ),
          List.of(TargetModule.O_PROJ),
          List.of(TargetModule.GATE_PROJ, TargetModule.UP_PROJ),
          List.of(TargetModule.DOWN_PROJ));

  private final Object identity = new Object();
  private final NDManager manager;
  private final TensorList tensors; // 16 a layer; of experts 4 more
  private final TensorList vocabulary; // 13, or none
  private final List<NDArray> gating;

  private FusedLora(
      NDManager manager, TensorList tensors, TensorList vocabulary, List<NDArray> gating) {
    this.manager = manager;
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
      return new FusedLora(
          own, byLayer(own, kernel, fused, parameters), kernel.nothing(), List.of());
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
      List<NDArray> layers = new ArrayList<>(kernel.byLayer(own, fused, even(parameters)));
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
      return new FusedLora(own, TensorList.of(own, layers), kernel.nothing(), copies);
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
    try (NDManager scope = parent.newSubManager();
        TrainableLora parameters = TrainableLora.of(scope, kernel, config, adapter)) {
      NDList fused = kernel.fuse(scope, parameters.arrays(), parameters.config().scaling());
      TensorList vocabulary = kernel.nothing();
      if (!adapter.isPlain()) {
        NDList biases = new BesideFactors(scope, kernel, config, adapter).replacedBiases();
        fused = kernel.replaceBiases(scope, fused, biases, parameters.arrays());
        if (VocabularyParts.existIn(adapter)) {
          vocabulary = TensorList.of(own, new VocabularyParts(kernel, config, adapter).fuse(own));
        }
      }
      return new FusedLora(own, byLayer(own, kernel, fused, parameters), vocabulary, List.of());
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /**
   * Returns the bytes that the applied form of an adapter takes: exactly if it is A and B of maps
   * alone, else at most.
   */
  public static long sizeInBytes(ModelConfig config, LoraAdapter adapter) {
    long floats = 0;
    for (List<TargetModule> map : FUSED) {
      long rank = 0;
      long out = 0;
      for (TargetModule module : map) {
        int highest = 0;
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
          highest = Math.max(highest, adapter.rank(layer, module));
        }
        rank += highest;
        out += module.outputSize(config);
      }
      floats += rank * (map.get(0).inputSize(config) + out);
      floats += adapter.isPlain() ? 0 : 2 * out; // factors, and what is added
    }
    floats *= config.numHiddenLayers();
    if (!adapter.isPlain()) {
      floats += adapter.tensors().values().stream().mapToLong(HostTensor::size).sum();
    }
    return Float.BYTES * floats;
  }

  private static TensorList byLayer(
      NDManager own, DecoderKernel kernel, NDList fused, TrainableLora parameters) {
    return TensorList.of(own, kernel.byLayer(own, fused, even(parameters)));
  }

  /** Whether gate and up have equal ranks. */
  private static boolean even(TrainableLora parameters) {
    List<NDArray> arrays = parameters.arrays();
    return rank(arrays, TargetModule.GATE_PROJ) == rank(arrays, TargetModule.UP_PROJ);
  }

  private static long rank(List<NDArray> arrays, TargetModule module) {
    return arrays.get(2 * List.of(TargetModule.values()).indexOf(module)).getShape().get(1);
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
    return !changesVocabulary() && gating.isEmpty() && tensors.arrays().size() % OF_LAYERS == 0;
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
