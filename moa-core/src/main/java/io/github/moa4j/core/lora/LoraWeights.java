package io.github.moa4j.core.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * One adapter in the engine's memory, in the form that a forward pass applies: A and B of the fused
 * maps qkv, o, gate-up and down, each stacked over the layers, with the scaling folded into B and
 * cast to the base's compute type.
 *
 * <p>Owns its native memory until {@link #close()}, which may be called from any thread, but not
 * while a request still uses the adapter: that is what the registry's leases are for.
 */
public final class LoraWeights implements AutoCloseable {

  private final NDManager manager;
  private final NDList tensors; // A [layers, rank, in] and B [layers, out, rank] of the four maps
  private final NDList gating = new NDList();
  private final long sizeInBytes;

  LoraWeights(NDManager manager, NDList tensors, int bytesPerElement) {
    this.manager = manager;
    this.tensors = tensors;
    this.sizeInBytes = tensors.stream().mapToLong(NDArray::size).sum() * bytesPerElement;
  }

  /** Returns the eight arrays; they stay owned by this adapter. */
  public List<NDArray> tensors() {
    return tensors;
  }

  /**
   * Makes the adapter's ranks experts among which every token chooses.
   *
   * @param settings i64 [3]: 0, rank of one expert, number of experts a token takes
   * @param weight f32 [layers, experts, hiddenSize]
   * @param bias f32 [layers, experts]
   * @return this adapter, which owns copies of the arrays
   */
  public LoraWeights withGating(long[] settings, NDArray weight, NDArray bias) {
    gating.add(manager.create(settings));
    for (NDArray array : List.of(weight, bias)) {
      NDArray copy = array.duplicate();
      copy.attach(manager);
      gating.add(copy);
    }
    return this;
  }

  /** Returns how tokens choose among experts: settings, weight, bias; empty for an adapter. */
  public List<NDArray> gating() {
    return gating;
  }

  /** Returns the native memory of the arrays. */
  public long sizeInBytes() {
    return sizeInBytes;
  }

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  public void close() {
    manager.close();
  }
}
