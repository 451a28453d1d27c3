package io.github.moa4j.core.model.internal;

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

  private final Decoder decoder;
  private final NDManager manager;
  private final NDList arrays; // keys and values [layers, rows, kvHeads, capacity, headDim]
  private final NDArray visible; // [rows, capacity]: 0 on left padding; empty without padding
  private final int[] padding;
  private final int capacity;
  private int length;

  private KeyValueCache(
      Decoder decoder, NDManager manager, NDList arrays, int[] padding, int capacity) {
    this.decoder = decoder;
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
  public static KeyValueCache of(Decoder decoder, TokenBatch batch, int capacity) {
    return of(decoder, batch, capacity, decoder.config().numHiddenLayers());
  }

  /** Allocates a cache for the first layers only. */
  static KeyValueCache of(Decoder decoder, TokenBatch batch, int capacity, int layers) {
    return of(decoder, batch.padding(), capacity, layers);
  }

  /** Allocates a cache for one sequence. */
  public static KeyValueCache of(Decoder decoder, int capacity) {
    return of(decoder, new int[1], capacity, decoder.config().numHiddenLayers());
  }

  private static KeyValueCache of(Decoder decoder, int[] padding, int capacity, int layers) {
    NDManager own = decoder.newScope();
    try {
      NDList arrays = decoder.kernel().newCache(own, layers, padding.length, capacity);
      return new KeyValueCache(decoder, own, arrays, padding, capacity);
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
  public KeyValueCache copy(int[] rows, int tokens, int newCapacity) {
    NDManager own = decoder.newScope();
    try (NDManager scope = decoder.newScope()) {
      NDArray index = scope.create(Arrays.stream(rows).asLongStream().toArray());
      NDList copied = decoder.kernel().copyCache(own, arrays, index, tokens, newCapacity);
      int[] kept = Arrays.stream(rows).map(row -> padding[row]).toArray();
      KeyValueCache copy = new KeyValueCache(decoder, own, copied, kept, newCapacity);
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

  /** Checks that a batch can be appended. */
  void checkRoom(TokenBatch batch) {
    if (batch.rows() != rows() || length + batch.length() > capacity) {
      throw new IllegalArgumentException(
          "A cache of %d rows and %d free tokens cannot take %d rows of %d tokens"
              .formatted(rows(), capacity - length, batch.rows(), batch.length()));
    }
    if (length > 0 && batch.hasPadding()) {
      throw new IllegalArgumentException("Only the first batch of a cache may be padded");
    }
  }

  /** The number of each row's own tokens, those of a batch to come included. */
  int[] lengthsWith(TokenBatch batch) {
    if (length == 0) {
      return batch.lengths();
    }
    return Arrays.stream(padding).map(count -> length - count + batch.length()).toArray();
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
