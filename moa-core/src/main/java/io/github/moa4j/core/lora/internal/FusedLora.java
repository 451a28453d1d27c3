package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import java.util.List;

/**
 * The engine's form of an applied adapter: A and B of the fused maps qkv, o, gate-up and down, each
 * stacked over the layers, with the scaling folded into B and cast to the base's compute type.
 */
public final class FusedLora implements AppliedLora {

  private static final int FACTORS = 8;
  private static final int OF_LAYERS = 16; // and of these the last eight beside A and B

  private final NDManager manager;
  private final List<NDArray> tensors; // A [layers, rank, in], B [layers, out, rank] of four maps
  private final List<NDArray> beside; // the 21 arrays of an adapter that is more; else empty
  private final boolean changesVocabulary;
  private final List<NDArray> gating;
  private final long block;
  private final long sizeInBytes;

  private FusedLora(
      NDManager manager,
      NDList tensors,
      boolean changesVocabulary,
      List<NDArray> gating,
      long block,
      long sizeInBytes) {
    this.manager = manager;
    this.tensors = tensors.subList(0, FACTORS);
    this.beside = tensors.subList(FACTORS, tensors.size());
    this.changesVocabulary = changesVocabulary;
    this.gating = gating;
    this.block = block;
    this.sizeInBytes = sizeInBytes;
  }

  /**
   * Fuses the present values of trainable parameters.
   *
   * @param parent owner of the adapter's own manager
   */
  public static FusedLora of(NDManager parent, DecoderKernel kernel, TrainableLora parameters) {
    return of(parent, kernel, parameters, List.of(), 0);
  }

  /**
   * Fuses parameters whose ranks are experts among which every token chooses.
   *
   * @param gating number of experts a token takes i64 [1], 0 for all; weight f32 [layers, experts,
   *     hiddenSize]; bias f32 [layers, experts]; copied
   * @param block rank of one expert
   */
  public static FusedLora of(
      NDManager parent,
      DecoderKernel kernel,
      TrainableLora parameters,
      List<NDArray> gating,
      long block) {
    NDManager own = parent.newSubManager();
    try {
      NDList tensors = kernel.fuse(own, parameters.arrays(), parameters.config().scaling());
      NDList copies = new NDList();
      for (NDArray array : gating) {
        NDArray copy = array.duplicate();
        copy.attach(own);
        copies.add(copy);
      }
      return new FusedLora(own, tensors, false, copies, block, size(kernel, tensors));
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
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
      NDList tensors = kernel.fuse(scope, parameters.arrays(), parameters.config().scaling());
      boolean vocabulary = VocabularyParts.existIn(adapter);
      if (!adapter.isPlain()) {
        NDList all = new NDList(tensors.subList(0, FACTORS));
        NDList biases = new BesideFactors(scope, kernel, config, adapter).replacedBiases();
        all.addAll(
            kernel.replaceBiases(
                scope, tensors.subList(FACTORS, OF_LAYERS), biases, parameters.arrays()));
        all.addAll(
            vocabulary
                ? new VocabularyParts(kernel, config, adapter).fuse(scope)
                : tensors.subNDList(OF_LAYERS));
        tensors = all;
      }
      tensors.attach(own); // what they were made of goes with the scope
      return new FusedLora(own, tensors, vocabulary, List.of(), 0, size(kernel, tensors));
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  private static long size(DecoderKernel kernel, NDList tensors) {
    return tensors.stream().mapToLong(NDArray::size).sum() * kernel.computeType().bytes();
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

  /** Returns the eight arrays; they stay owned by this adapter. */
  public List<NDArray> tensors() {
    return tensors;
  }

  /** Returns the 21 arrays of an adapter that is more than A and B of maps; else none. */
  public List<NDArray> beside() {
    return beside;
  }

  /** Tells whether it changes the embedding or the head, which no layer chooses. */
  public boolean changesVocabulary() {
    return changesVocabulary;
  }

  /** Returns how tokens choose among experts: number, weight, bias; empty for an adapter. */
  public List<NDArray> gating() {
    return gating;
  }

  /** Returns the rank of one expert; 0 for an adapter. */
  public long block() {
    return block;
  }

  @Override
  public long sizeInBytes() {
    return sizeInBytes;
  }

  @Override
  public void close() {
    manager.close();
  }
}
