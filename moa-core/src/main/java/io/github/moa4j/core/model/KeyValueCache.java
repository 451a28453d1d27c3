package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Keys and values of the tokens that a batch has passed through the model, preallocated for a
 * capacity. Owns native memory; not thread-safe.
 */
public final class KeyValueCache implements AutoCloseable {

  private final BaseModel model;
  private final NDManager manager;
  private final NDList arrays; // keys and values [layers, rows, kvHeads, capacity, headDim]
  private final NDArray visible; // [rows, capacity]: 0 on left padding; empty without padding
  private final int[] padding;
  private final int capacity;
  private int length;

  private KeyValueCache(
      BaseModel model, NDManager manager, NDList arrays, int[] padding, int capacity) {
    this.model = model;
    this.manager = manager;
    this.arrays = arrays;
    this.padding = padding.clone();
    this.capacity = capacity;
    this.visible = visible(manager, padding, capacity);
  }

  /**
   * Allocates a cache for a batch that will grow to at most that many tokens a row.
   *
   * @param batch the first tokens; the cache takes over its left padding
   * @param capacity tokens a row, padding included; may exceed the context, as padding takes no
   *     position
   */
  public static KeyValueCache of(BaseModel model, TokenBatch batch, int capacity) {
    NDManager own = model.newScope();
    try {
      NDList arrays = model.kernel().run(own, "new_cache", (long) batch.rows(), (long) capacity);
      return new KeyValueCache(model, own, arrays, batch.padding(), capacity);
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /**
   * Copies rows into a new cache, to grow this one or to drop rows; the caller closes both.
   *
   * @param rows indices of the rows to keep
   * @param newCapacity tokens a row, padding included
   */
  public KeyValueCache copy(int[] rows, int newCapacity) {
    return copy(rows, length, newCapacity);
  }

  /** Copies the first tokens of rows. */
  KeyValueCache copy(int[] rows, int tokens, int newCapacity) {
    NDManager own = model.newScope();
    try (NDManager scope = model.newScope()) {
      NDArray index = scope.create(Arrays.stream(rows).asLongStream().toArray());
      NDList copied =
          model.kernel().run(own, "copy_cache", arrays, index, (long) tokens, (long) newCapacity);
      int[] kept = Arrays.stream(rows).map(row -> padding[row]).toArray();
      KeyValueCache copy = new KeyValueCache(model, own, copied, kept, newCapacity);
      copy.advance(tokens);
      return copy;
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
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
