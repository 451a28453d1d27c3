package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Keys and values of the tokens that a batch has passed through the model, preallocated for a
 * capacity. Owns native memory; not thread-safe.
 */
public final class KeyValueCache implements AutoCloseable {

  private final NDManager manager;
  private final NDList arrays; // keys and values [layers, rows, kvHeads, capacity, headDim]
  private final NDArray visible; // [rows, capacity]: 0 on left padding; empty without padding
  private final int[] padding;
  private final int capacity;
  private int length;

  KeyValueCache(NDManager manager, NDList arrays, int[] padding, int capacity) {
    this.manager = manager;
    this.arrays = arrays;
    this.padding = padding.clone();
    this.capacity = capacity;
    this.visible = visible(manager, padding, capacity);
  }

  /** The mask [rows, columns] that hides left padding, or an empty array where there is none. */
  static NDArray visible(NDManager manager, int[] padding, int columns) {
    long[] mask = new long[padding.length * columns];
    boolean padded = false;
    for (int row = 0; row < padding.length; row++) {
      padded |= padding[row] > 0;
      for (int column = padding[row]; column < columns; column++) {
        mask[row * columns + column] = 1;
      }
    }
    return padded
        ? manager.create(mask, new Shape(padding.length, columns))
        : manager.create(new long[0]);
  }

  NDList arrays() {
    return arrays;
  }

  NDArray visible() {
    return visible;
  }

  int[] padding() {
    return padding;
  }

  void advance(int tokens) {
    length += tokens;
  }

  /** Returns the number of tokens a row that are cached, padding included. */
  public int length() {
    return length;
  }

  /** Returns the number of tokens a row that fit, padding included. */
  public int capacity() {
    return capacity;
  }

  /** Returns the number of rows. */
  public int rows() {
    return padding.length;
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    manager.close();
  }
}
