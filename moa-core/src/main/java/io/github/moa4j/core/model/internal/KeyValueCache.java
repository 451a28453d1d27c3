package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.kernel.internal.TensorList;
import java.util.Arrays;

/**
 * Keys and values of the tokens that sequences have passed through the model: each sequence in a
 * slot of its own, with a length of its own. Memory is reserved for the whole capacity, but taken
 * from the system only as tokens come.
 *
 * <p>Owns native memory; not thread-safe.
 */
public final class KeyValueCache implements AutoCloseable {

  /** Tokens that a row may be shorter than the longest at no loss. */
  private static final int FEW_TOKENS = 256;

  private static final int KEYS = 32; // numbers of keys that are read: see keysUpTo
  private static final int BLOCK = 512;
  private static final int FEW_OF_BLOCK = 192;
  private static final int MOST_OF_BLOCK = 384;

  private final Decoder decoder;
  private final NDManager manager;
  private final TensorList layers; // of each layer [2, slots, kvHeads, capacity, headDim]
  private final AdapterSeats seats;
  private final int[] lengths;
  private final int[] written; // tokens of each slot that hold numbers, forgotten ones included
  private final int capacity;

  private KeyValueCache(Decoder decoder, NDManager manager, int slots, int capacity, int layers) {
    this.decoder = decoder;
    this.manager = manager;
    this.layers = decoder.kernel().newCache(manager, layers, slots, keysUpTo(capacity));
    this.seats = new AdapterSeats(decoder.kernel(), manager);
    this.lengths = new int[slots];
    this.written = new int[slots];
    this.capacity = capacity;
  }

  /**
   * Allocates an empty cache.
   *
   * @param slots number of sequences
   * @param capacity tokens a sequence
   */
  public static KeyValueCache of(Decoder decoder, int slots, int capacity) {
    return of(decoder, slots, capacity, decoder.config().numHiddenLayers());
  }

  /** Allocates a cache for the first layers only. */
  static KeyValueCache of(Decoder decoder, int slots, int capacity, int layers) {
    NDManager own = decoder.newScope();
    try {
      return new KeyValueCache(decoder, own, slots, capacity, layers);
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /** Returns the bytes that the keys and values of one token take. */
  public static long bytesPerToken(Decoder decoder) {
    long values = 2L * decoder.config().numKeyValueHeads() * decoder.config().headDim();
    int size = decoder.kernel().format() == WeightFormat.F32 ? 4 : 2;
    return values * decoder.config().numHiddenLayers() * size;
  }

  /** Returns the number of sequences that fit. */
  public int slots() {
    return lengths.length;
  }

  /** Returns the number of tokens a sequence that fit. */
  public int capacity() {
    return capacity;
  }

  /** Returns the number of tokens in a slot. */
  public int length(int slot) {
    return lengths[slot];
  }

  /**
   * Forgets the last tokens of a slot.
   *
   * @param length tokens that stay
   */
  public void truncate(int slot, int length) {
    if (length < 0 || length > lengths[slot]) {
      throw new IllegalArgumentException(
          "A slot of %d tokens cannot keep %d".formatted(lengths[slot], length));
    }
    lengths[slot] = length;
  }

  /** Moves a sequence to another slot, whose own is forgotten; the old slot is empty then. */
  public void move(int from, int to) {
    if (from != to) {
      copyFrom(this, from, to, lengths[from]);
      lengths[from] = 0;
    }
  }

  /**
   * Takes over the first tokens of a slot of a cache of the same model; those of this slot are
   * forgotten.
   *
   * @param tokens how many
   */
  public void copyFrom(KeyValueCache source, int fromSlot, int toSlot, int tokens) {
    lengths[toSlot] = 0;
    appendFrom(source, fromSlot, 0, toSlot, tokens);
  }

  /**
   * Appends some tokens of a slot of a cache of the same model to a slot. Keys know their place in
   * the sequence: they have to stand behind the same tokens as there.
   *
   * @param fromStart index in its slot of the first of them
   * @param tokens how many
   */
  public void appendFrom(
      KeyValueCache source, int fromSlot, int fromStart, int toSlot, int tokens) {
    int start = lengths[toSlot];
    if (fromStart + tokens > source.lengths[fromSlot] || start + tokens > capacity) {
      throw new IllegalArgumentException(
          "Cannot copy %d tokens from %d of %d on behind %d in a slot for %d"
              .formatted(tokens, fromStart, source.lengths[fromSlot], start, capacity));
    }
    if (tokens > 0) {
      decoder.kernel().copySlot(source.layers, fromSlot, fromStart, layers, toSlot, start, tokens);
    }
    lengths[toSlot] = start + tokens;
    if (written[toSlot] >= start) {
      int whole = Math.min(fromStart + tokens, source.written[fromSlot]) - fromStart;
      written[toSlot] = Math.max(written[toSlot], start + whole);
    }
  }

  /** Checks that a batch can be appended, one sequence to each of some slots. */
  void checkRoom(TokenBatch batch, int[] slots) {
    if (slots.length != batch.rows() || Arrays.stream(slots).distinct().count() < slots.length) {
      throw new IllegalArgumentException(
          "A batch of %d sequences needs a slot for each, not %s"
              .formatted(batch.rows(), Arrays.toString(slots)));
    }
    for (int row = 0; row < slots.length; row++) {
      int slot = slots[row];
      if (slot < 0 || slot >= lengths.length || lengths[slot] + batch.length(row) > capacity) {
        throw new IllegalArgumentException(
            "A cache of %d slots for %d tokens cannot take %d tokens more in slot %d"
                .formatted(lengths.length, capacity, batch.length(row), slot));
      }
    }
  }

  TensorList layers() {
    return layers;
  }

  AdapterSeats seats() {
    return seats;
  }

  void advance(int slot, int tokens) {
    lengths[slot] += tokens;
    written[slot] = Math.max(written[slot], lengths[slot]);
  }

  /** Returns how many tokens of slots hold numbers in all layers. */
  int[] written(int[] slots) {
    return Arrays.stream(slots).map(slot -> written[slot]).toArray();
  }

  /** Says that only so many tokens do, as a pass ended early. */
  void setWritten(int[] slots, int[] tokens) {
    for (int i = 0; i < slots.length; i++) {
      written[slots[i]] = tokens[i];
    }
  }

  /**
   * Prepares a step of one token for each of some slots, in which all rows attend over the keys of
   * the longest at once, hidden ones included.
   *
   * @return keys of a row; 0 if the rows are not the first slots in their order, or so unequal that
   *     each had better attend for itself
   */
  int longestOfStep(int[] slots) {
    int longest = 0;
    long sum = 0;
    boolean inOrder = true;
    for (int row = 0; row < slots.length; row++) {
      inOrder &= slots[row] == row;
      longest = Math.max(longest, lengths[slots[row]] + 1);
      sum += lengths[slots[row]] + 1;
    }
    if (!inOrder || (long) slots.length * longest > 2 * sum + (long) FEW_TOKENS * slots.length) {
      return 0;
    }
    int keys = keysUpTo(longest);
    Arrays.stream(slots).forEach(slot -> prepare(slot, keys));
    return keys;
  }

  /**
   * Prepares that a slot gets tokens behind others, which read hidden keys behind them, too.
   *
   * @param past tokens in the slot before them
   */
  void prepareTokens(int slot, int past, int tokens) {
    prepare(slot, keysUpTo(past + tokens));
  }

  /** Sees to it that so many keys are numbers: what hides a key does not hide NaN. */
  private void prepare(int slot, int keys) {
    if (written[slot] < keys) {
      decoder.kernel().clear(layers, slot, written[slot], keys - written[slot]);
      written[slot] = keys;
    }
  }

  /** How many keys tokens read of which the last is before an end, as the kernel counts them. */
  private static int keysUpTo(int end) {
    int keys = (end + KEYS - 1) / KEYS * KEYS;
    int ofBlock = keys % BLOCK;
    boolean roundsOtherwise = ofBlock > FEW_OF_BLOCK && ofBlock < MOST_OF_BLOCK;
    return roundsOtherwise ? keys - ofBlock + MOST_OF_BLOCK : keys;
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    manager.close();
  }
}
