package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.lora.AppliedLora;
import java.util.List;

/**
 * The engine's form of an applied adapter: A and B of the fused maps qkv, o, gate-up and down, each
 * stacked over the layers, with the scaling folded into B and cast to the base's compute type.
 */
public final class FusedLora implements AppliedLora {

  private final NDManager manager;
  private final List<NDArray> tensors; // A [layers, rank, in], B [layers, out, rank] of four maps
  private final List<NDArray> gating;
  private final long block;
  private final long sizeInBytes;

  private FusedLora(
      NDManager manager,
      List<NDArray> tensors,
      List<NDArray> gating,
      long block,
      long sizeInBytes) {
    this.manager = manager;
    this.tensors = tensors;
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
      long elements = tensors.stream().mapToLong(NDArray::size).sum();
      return new FusedLora(own, tensors, copies, block, elements * kernel.computeType().bytes());
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
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
