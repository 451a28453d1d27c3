package io.github.moa4j.core.model.internal;

import io.github.moa4j.core.model.AdapterChoice;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys and values of earlier sequences, for those that begin as they did: in blocks, each known by
 * the block before it, its token ids, and the very adapters that it ran through, which a new
 * version of a domain is not. The first block is known by a group, too, so that no sequence finds
 * one of another group. What comes before an activated adapter is the base's own, whatever the
 * domain. Blocks that were used longest ago go first, those of a sequence from its end.
 *
 * <p>Owns native memory; only the engine's thread touches it.
 */
public final class PrefixStore implements AutoCloseable {

  /** Tokens of a block. */
  public static final int BLOCK = 64;

  private final Decoder decoder;
  private final int most; // blocks
  private final Map<Key, Block> blocks = new LinkedHashMap<>(16, 0.75f, true); // by last use
  private final Deque<Integer> free = new ArrayDeque<>(); // slots
  private int used; // slots that were ever used
  private Optional<KeyValueCache> cache = Optional.empty(); // a slot a block

  /**
   * What a block is known by.
   *
   * @param before the block before it; the group at the start of a sequence
   * @param choice the adapters that its tokens ran through, from a position in the block on
   */
  private record Key(Object before, AdapterChoice choice, IntBuffer tokens) {}

  /** Keys and values of some tokens; what it is known by is the object itself. */
  public static final class Block {

    private final int slot;
    private final Optional<float[][]> sums; // of the states that enter each layer, and the last

    private Block(int slot, Optional<float[][]> sums) {
      this.slot = slot;
      this.sums = sums;
    }

    /** The sums over its tokens of the states of the base's own pass, if they are known. */
    public Optional<float[][]> sums() {
      return sums;
    }
  }

  /**
   * Creates an empty store.
   *
   * @param bytes of native memory for keys and values; 0 keeps nothing
   */
  public PrefixStore(Decoder decoder, long bytes) {
    this.decoder = decoder;
    long fit = bytes / BLOCK / KeyValueCache.bytesPerToken(decoder);
    this.most = decoder.dependsOnLength() ? 0 : (int) Math.min(fit, 1 << 20);
  }

  private static Key key(Object before, int[] tokens, int start, AdapterChoice choice) {
    boolean ofBase = choice.adapters().isEmpty() || choice.fromPosition() >= start + BLOCK;
    AdapterChoice own =
        ofBase
            ? AdapterChoice.base()
            : new AdapterChoice(
                choice.adapters(), choice.shares(), Math.max(0, choice.fromPosition() - start));
    return new Key(before, own, IntBuffer.wrap(Arrays.copyOfRange(tokens, start, start + BLOCK)));
  }

  /**
   * Returns the blocks that a sequence begins with.
   *
   * @param group of the sequence, with {@code equals}
   */
  public List<Block> find(Object group, int[] tokens, AdapterChoice choice) {
    List<Key> keys = new ArrayList<>();
    List<Block> found = new ArrayList<>();
    Object before = group;
    for (int start = 0; start + BLOCK <= tokens.length; start += BLOCK) {
      Key key = key(before, tokens, start, choice);
      Block block = blocks.get(key);
      if (block == null) {
        break;
      }
      keys.add(key);
      found.add(block);
      before = block;
    }
    touch(keys);
    return found;
  }

  /** The first block of a sequence is the last to go. */
  private void touch(List<Key> keys) {
    Collections.reverse(keys);
    keys.forEach(blocks::get);
  }

  /**
   * Appends tokens of blocks to a slot.
   *
   * @param found the first blocks of the slot's sequence
   * @param length tokens that the slot holds then, if it held fewer
   */
  public void restore(List<Block> found, KeyValueCache target, int slot, int length) {
    for (int block = target.length(slot) / BLOCK; block * BLOCK < length; block++) {
      int start = target.length(slot) - block * BLOCK;
      int end = Math.min(BLOCK, length - block * BLOCK);
      target.appendFrom(cache.orElseThrow(), found.get(block).slot, start, slot, end - start);
    }
  }

  /**
   * Keeps the whole blocks of a sequence that are not kept yet.
   *
   * @param group of the sequence, with {@code equals}
   * @param tokens of the sequence, as many as the slot holds or fewer
   * @param sums of the states of each block, for as many as there are
   */
  public void keep(
      Object group,
      int[] tokens,
      AdapterChoice choice,
      KeyValueCache source,
      int slot,
      List<float[][]> sums) {
    List<Key> keys = new ArrayList<>();
    Object before = group;
    for (int start = 0; start + BLOCK <= tokens.length; start += BLOCK) {
      Key key = key(before, tokens, start, choice);
      Block block = blocks.get(key);
      if (block == null) {
        if (!makeRoom(keys)) {
          break;
        }
        int own = free.element();
        cache.orElseThrow().truncate(own, 0);
        cache.orElseThrow().appendFrom(source, slot, start, own, BLOCK);
        free.remove();
        int index = start / BLOCK;
        block =
            new Block(own, sums.size() > index ? Optional.of(sums.get(index)) : Optional.empty());
        blocks.put(key, block);
      }
      keys.add(key);
      before = block;
    }
    touch(keys);
  }

  /** Returns the bytes of keys and values that are kept. */
  public long sizeInBytes() {
    return (long) blocks.size() * BLOCK * KeyValueCache.bytesPerToken(decoder);
  }

  /** Frees a slot for a block; says no if all hold blocks of the same sequence. */
  private boolean makeRoom(List<Key> ownKeys) {
    if (cache.isEmpty() && most > 0) {
      cache = Optional.of(KeyValueCache.of(decoder, most, BLOCK));
    }
    if (free.isEmpty() && used < most) {
      free.add(used++);
    } else if (free.isEmpty() && most > 0) {
      Iterator<Map.Entry<Key, Block>> oldest = blocks.entrySet().iterator();
      Map.Entry<Key, Block> entry = oldest.next();
      if (!ownKeys.contains(entry.getKey())) {
        oldest.remove();
        free.add(entry.getValue().slot);
      }
    }
    return !free.isEmpty();
  }

  @Override
  public void close() {
    cache.ifPresent(KeyValueCache::close);
    cache = Optional.empty();
    blocks.clear();
  }
}
