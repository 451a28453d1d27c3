package io.github.moa4j.core.registry;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.store.DomainNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Named resources that are loaded when first needed, lent out, replaced while lent, and freed when
 * memory runs short or their last lease ends. What is done with one name takes no longer for the
 * number of names.
 *
 * <p>One lock guards all bookkeeping; loading and freeing, which take time, happen outside of it. A
 * resource is loaded by one thread, others that want it wait for that thread.
 *
 * @param <W> the resource
 */
final class VersionedPool<W> {

  /** What is registered under a name: a version, and an object by which its owner knows it. */
  record Registration(int version, Object owner) {}

  private final Object lock = new Object();
  private final Consumer<W> free;
  private final LeaseCount leases = new LeaseCount();
  private final Map<String, Slot<W>> current = new LinkedHashMap<>();
  private final Residents<W> residents;
  private boolean closed;

  /**
   * Creates an empty pool.
   *
   * @param budget bytes above which resources that nobody uses are freed, least recently used first
   */
  VersionedPool(long budget, ToLongFunction<W> size, Consumer<W> free) {
    this.residents = new Residents<>(budget, size);
    this.free = free;
  }

  /** Registers a version that is loaded when it is needed, retiring the one that had the name. */
  void put(String name, int version, Object owner, Supplier<Loadable<W>> source) {
    register(version, owner, new Slot<>(name, source));
  }

  /**
   * Loads a version that {@link #put(int, Object, Slot)} will register, or {@link #discard} drop.
   *
   * @throws RuntimeException what the source threw
   */
  Slot<W> prepare(String name, Supplier<Loadable<W>> source) {
    Slot<W> slot = new Slot<>(name, source);
    synchronized (lock) {
      requireOpen();
      lend(slot);
    }
    load(slot, new CompletableFuture<>());
    return slot;
  }

  /**
   * Registers a version that was prepared, retiring the one that had the name. If that fails it is
   * dropped.
   */
  void put(int version, Object owner, Slot<W> prepared) {
    try {
      register(version, owner, prepared);
    } catch (RuntimeException e) {
      discard(prepared);
      throw e;
    }
    giveBack(prepared);
  }

  /** Drops a version that was prepared. */
  void discard(Slot<W> prepared) {
    synchronized (lock) {
      prepared.retired = true;
    }
    giveBack(prepared);
  }

  private void register(int version, Object owner, Slot<W> slot) {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      requireOpen();
      slot.version = version;
      slot.owner = owner;
      Slot<W> old = current.put(slot.name, slot);
      residents.inherit(slot, old);
      retire(old, garbage);
    }
    garbage.forEach(free);
  }

  /** Retires what has the name, if anything has, and forgets that it was pinned. */
  void remove(String name) {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      retire(current.remove(name), garbage);
    }
    garbage.forEach(free);
  }

  /**
   * Loads what has the name, and keeps it and all that will have it loaded.
   *
   * @throws RuntimeException what the source threw, or that there is no room: it is not pinned then
   */
  void pin(String name) {
    long bytes = slot(name).source.get().sizeInBytes();
    synchronized (lock) {
      if (current.containsKey(name)) {
        residents.pin(current.get(name), bytes);
      }
    }
    try {
      acquire(name).close();
    } catch (RuntimeException e) {
      synchronized (lock) {
        residents.unpinUnlessLoaded(current.get(name));
      }
      throw e;
    }
  }

  /** Lets what has the name be evicted again. */
  void unpin(String name) {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      if (current.containsKey(name)) {
        residents.unpin(current.get(name), garbage);
      }
    }
    garbage.forEach(free);
  }

  Optional<Registration> registration(String name) {
    synchronized (lock) {
      return Optional.ofNullable(current.get(name))
          .map(slot -> new Registration(slot.version, slot.owner));
    }
  }

  boolean contains(String name) {
    synchronized (lock) {
      return current.containsKey(name);
    }
  }

  /** Tells whether what has the name is in memory now. */
  boolean isResident(String name) {
    synchronized (lock) {
      return current.containsKey(name) && current.get(name).resource != null;
    }
  }

  /** Returns the count of open leases, those that are being loaded for included. */
  LeaseCount leases() {
    return leases;
  }

  /** Returns the names that a domain can have, a copy. */
  Set<String> names() {
    synchronized (lock) {
      return current.keySet().stream().filter(DomainNames::isValid).collect(toUnmodifiableSet());
    }
  }

  /**
   * Returns the bytes of all resources in memory: retired ones that are still lent, and those that
   * are being loaded, included.
   */
  long residentBytes() {
    synchronized (lock) {
      return residents.bytes();
    }
  }

  /**
   * Lends the version that has the name now, loading it if need be.
   *
   * @throws RuntimeException what the source threw; the next call tries to load again
   */
  PoolLease<W> acquire(String name) {
    Slot<W> slot = slot(name);
    CompletableFuture<W> own = new CompletableFuture<>();
    CompletableFuture<W> loading;
    synchronized (lock) {
      requireOpen();
      slot = current.getOrDefault(name, slot);
      lend(slot);
      if (slot.resource != null) {
        return lease(slot, slot.resource);
      }
      if (slot.loading == null) {
        slot.loading = own;
      }
      loading = slot.loading;
    }
    return loading == own ? load(slot, own) : await(slot, loading);
  }

  /** Returns the present instant, for {@link #prefetch}. */
  long now() {
    synchronized (lock) {
      return residents.now();
    }
  }

  /**
   * Loads what has the name, if the budget has room or what was last used before some instant makes
   * it. Does nothing if the name is unknown or it is loaded already.
   *
   * @throws RuntimeException what the source threw
   */
  void prefetch(String name, long instant) {
    Slot<W> slot;
    synchronized (lock) {
      slot = current.get(name);
      if (slot == null || slot.resource != null || slot.loading != null) {
        return;
      }
    }
    long bytes = slot.source.get().sizeInBytes();
    List<W> garbage = new ArrayList<>();
    boolean room;
    synchronized (lock) {
      room = current.get(name) == slot && residents.makeRoom(bytes, instant, garbage);
    }
    garbage.forEach(free);
    if (room) {
      acquire(name).close();
    }
  }

  /** Retires everything. What is lent is freed when its last lease ends. */
  void close() {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      current.values().forEach(slot -> retire(slot, garbage));
      current.clear();
    }
    garbage.forEach(free);
  }

  /** Loads a slot that this thread has a lease of. */
  private PoolLease<W> load(Slot<W> slot, CompletableFuture<W> loading) {
    W resource;
    try {
      Loadable<W> loadable = slot.source.get();
      reserve(slot, loadable.sizeInBytes());
      resource = loadable.load();
    } catch (Throwable e) {
      synchronized (lock) {
        slot.loading = null;
        residents.failed(slot);
      }
      giveBack(slot);
      if (Thread.currentThread().isInterrupted()) {
        loading.cancel(false); // those who wait were not: they try again
      } else {
        loading.completeExceptionally(e);
      }
      throw e;
    }
    synchronized (lock) {
      slot.loading = null;
      residents.loaded(slot, resource);
    }
    loading.complete(resource);
    return lease(slot, resource);
  }

  /** Makes room before, so that the budget is not exceeded for an instant either. */
  private void reserve(Slot<W> slot, long bytes) {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      residents.reserve(slot, bytes, garbage);
    }
    garbage.forEach(free);
  }

  private PoolLease<W> await(Slot<W> slot, CompletableFuture<W> loading) {
    try {
      return lease(slot, loading.join());
    } catch (CancellationException e) {
      giveBack(slot);
      return acquire(slot.name);
    } catch (CompletionException e) {
      giveBack(slot);
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private PoolLease<W> lease(Slot<W> slot, W resource) {
    return new PoolLease<>(slot, resource, this::giveBack);
  }

  private void giveBack(Slot<W> slot) {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      slot.leases--;
      residents.settle(slot, garbage);
    }
    try {
      garbage.forEach(free);
    } finally {
      leases.end(); // whoever waits may close what the memory belongs to
    }
  }

  private Slot<W> slot(String name) {
    Slot<W> slot;
    synchronized (lock) {
      requireOpen();
      slot = current.get(name);
    }
    if (slot == null) {
      throw DomainNames.unknown(name, names());
    }
    return slot;
  }

  private void requireOpen() {
    if (closed) {
      throw new MoaException("The adapters were closed: nothing can be acquired any more.");
    }
  }

  // The two below need the lock.

  private void lend(Slot<W> slot) {
    residents.lend(slot);
    leases.begin();
  }

  private void retire(Slot<W> slot, List<W> garbage) {
    if (slot != null) {
      residents.retire(slot, garbage);
    }
  }
}
