package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What a {@link VersionedPool} has in memory, within a budget, and the order in which it is
 * evicted. Every operation takes constant time, or time for what it evicts. Guarded by the pool's
 * lock; what is added to a garbage list is freed outside of it.
 *
 * @param <W> the resource
 */
final class Residents<W> {

  private final long budget; // bytes
  private final ToLongFunction<W> size;
  private final Set<Slot<W>> idle = new LinkedHashSet<>(); // least recently used first
  private final Map<Slot<W>, Long> pinned = new HashMap<>(); // with the bytes it takes at most
  private long bytes; // those that are being loaded included
  private long clock;

  /**
   * Starts without any.
   *
   * @param budget bytes above which resources that nobody uses are evicted
   */
  Residents(long budget, ToLongFunction<W> size) {
    this.budget = budget;
    this.size = size;
  }

  long bytes() {
    return bytes;
  }

  /** The present instant: it moves on whenever something becomes unused. */
  long now() {
    return clock;
  }

  /** Counts a resource that is about to be loaded, and makes room for it. */
  void reserve(Slot<W> slot, long most, List<W> garbage) {
    slot.bytes = most;
    bytes += most;
    evict(budget, Long.MAX_VALUE, garbage);
  }

  /** A resource was loaded for which room had been made. */
  void loaded(Slot<W> slot, W resource) {
    slot.resource = resource;
    bytes += size.applyAsLong(resource) - slot.bytes; // it may have said too much
    slot.bytes = size.applyAsLong(resource);
  }

  /** A resource could not be loaded. */
  void failed(Slot<W> slot) {
    bytes -= slot.bytes;
    slot.bytes = 0;
  }

  /**
   * Makes room by evicting what was last used before an instant.
   *
   * @return whether there is room now
   */
  boolean makeRoom(long needed, long instant, List<W> garbage) {
    if (needed > budget) {
      return false;
    }
    evict(budget - needed, instant, garbage);
    return bytes <= budget - needed;
  }

  void lend(Slot<W> slot) {
    slot.leases++;
    idle.remove(slot);
  }

  /**
   * Lets a slot never be evicted.
   *
   * @param most the bytes that it takes, or will take at most
   * @throws MoaException if the budget has no room for all that is pinned
   */
  void pin(Slot<W> slot, long most) {
    long all = most;
    for (Map.Entry<Slot<W>, Long> other : pinned.entrySet()) {
      if (other.getKey() != slot) {
        all += other.getKey().resource == null ? other.getValue() : other.getKey().bytes;
      }
    }
    if (all > budget) {
      throw new MoaException(
          "'"
              + slot.name
              + "' cannot be pinned: all that is pinned would take "
              + all
              + " bytes, the memory budget of adapters has "
              + budget
              + ". Unpin others, or raise the budget.");
    }
    pinned.put(slot, most);
    idle.remove(slot);
  }

  /** Lets a slot be evicted again. */
  void unpin(Slot<W> slot, List<W> garbage) {
    if (pinned.remove(slot) != null) {
      settle(slot, garbage);
    }
  }

  /**
   * Takes back a pin that failed, unless another thread has loaded the slot, which it pinned too.
   */
  void unpinUnlessLoaded(Slot<W> slot) {
    if (slot != null && slot.resource == null && slot.loading == null) {
      pinned.remove(slot);
    }
  }

  /** Lets a slot be pinned if the one was that had its name before. */
  void inherit(Slot<W> slot, Slot<W> old) {
    if (pinned.containsKey(old)) {
      pinned.put(slot, pinned.get(old));
    }
  }

  /** A slot is no longer what has its name: it goes when nobody uses it any more. */
  void retire(Slot<W> slot, List<W> garbage) {
    slot.retired = true;
    pinned.remove(slot);
    settle(slot, garbage);
  }

  /** Puts a slot that may have become unused where it belongs. */
  void settle(Slot<W> slot, List<W> garbage) {
    if (slot.leases > 0 || slot.resource == null) {
      return;
    }
    idle.remove(slot);
    if (slot.retired) {
      drop(slot, garbage);
    } else if (!pinned.containsKey(slot)) {
      slot.lastUsed = ++clock;
      idle.add(slot);
      evict(budget, Long.MAX_VALUE, garbage);
    }
  }

  private void evict(long most, long instant, List<W> garbage) {
    Iterator<Slot<W>> oldest = idle.iterator();
    while (bytes > most && oldest.hasNext()) {
      Slot<W> slot = oldest.next();
      if (slot.lastUsed > instant) {
        return;
      }
      oldest.remove();
      drop(slot, garbage);
    }
  }

  private void drop(Slot<W> slot, List<W> garbage) {
    garbage.add(slot.resource);
    slot.resource = null;
    bytes -= slot.bytes;
    slot.bytes = 0;
  }
}
