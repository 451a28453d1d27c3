package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import java.util.UUID;

/**
 * Tensors that one call after the other takes: the engine's handle of the list is made once, not
 * for each token. Immutable; freed with the manager that owns it.
 */
public final class TensorList {

  private final List<NDArray> arrays;
  private final IValue value;

  private TensorList(List<NDArray> arrays, IValue value) {
    this.arrays = arrays;
    this.value = value;
  }

  /**
   * Makes a list.
   *
   * @param owner whose end ends the list; the arrays stay owned by whom they are
   */
  public static TensorList of(NDManager owner, List<NDArray> arrays) {
    IValue value = IValue.listFrom(arrays.toArray(PtNDArray[]::new));
    owner.attachInternal(UUID.randomUUID().toString(), value);
    return new TensorList(new NDList(arrays), value);
  }

  /** Returns the arrays. */
  public List<NDArray> arrays() {
    return arrays;
  }

  /** Returns the number of bytes of arrays of f32. */
  public long sizeInFloats() {
    return arrays.stream().mapToLong(NDArray::size).sum() * Float.BYTES;
  }

  IValue value() {
    return value;
  }
}
