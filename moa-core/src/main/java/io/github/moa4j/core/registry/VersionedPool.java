package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.store.DomainNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Named resources that are loaded when first needed, lent out, replaced while lent, and freed when
 * memory runs short or their last lease ends.
 *
 * <p>One lock guards all bookkeeping; loading and freeing, which take time, happen outside of it. A
 * resource is loaded by one thread, others that want it wait for that thread.
 *
 * @param <W> the resource
 */
final class VersionedPool<W> {

  /** One version under one name. Its fields are guarded by the pool's lock. */
  private final class Slot {
    final String name;
    final int version;
    final Object owner;
    final Supplier<W> loader;
    W resource; // null while not loaded
    CompletableFuture<W> loading; // null unless a thread is loading
    long bytes; // known once it has been loaded
    int leases; // the loading thread and those that wait for it included
    long lastUsed;
    boolean retired; // replaced or removed

    Slot(String name, int version, Object owner, Supplier<W> loader) {
      this.name = name;
      this.version = version;
      this.owner = owner;
      this.loader = loader;
    }
  }

  /** The right to use one version until it is closed. Thread-safe. */
  final class Lease implements AutoCloseable {
    private final Slot slot;
    private final W resource;
    private boolean open = true; // guarded by the pool's lock

    private Lease(Slot slot, W resource) {
      this.slot = slot;
      this.resource = resource;
    }

    String name() {
      return slot.name;
    }

    int version() {
      return slot.version;
    }

    W resource() {
      synchronized (lock) {
        if (!open) {
          throw new IllegalStateException("The lease of '" + slot.name + "' was closed.");
        }
      }
      return resource;
    }

    @Override
    public void close() {
      synchronized (lock) {
        if (!open) {
          return;
        }
        open = false;
      }
      giveBack(slot);
    }
  }

  /** What is registered under a name: a version, and an object by which its owner knows it. */
  record Registration(int version, Object owner) {}

  private final Object lock = new Object();
  private final long budget; // bytes
  private final ToLongFunction<W> size;
  private final Consumer<W> free;
  private final LeaseCount leases = new LeaseCount();
  private final Map<String, Slot> current = new LinkedHashMap<>();
  private long residentBytes;
  private long clock;
  private boolean closed;

  /**
   * Creates an empty pool.
   *
   * @param budget bytes above which resources that nobody uses are freed, least recently used first
   */
  VersionedPool(long budget, ToLongFunction<W> size, Consumer<W> free) {
    this.budget = budget;
    this.size = size;
    this.free = free;
  }

  /** Registers a version that is loaded when it is needed, retiring the one that had the name. */
  void put(String name, int version, Object owner, Supplier<W> loader) {
    List<W> garbage;
    synchronized (lock) {
      requireOpen();
      garbage = retire(current.put(name, new Slot(name, version, owner, loader)));
    }
    garbage.forEach(free);
  }

  /**
   * Registers a version that is loaded already, retiring the one that had the name. The pool owns
   * the resource from here on, also if this fails.
   */
  void put(String name, int version, Object owner, Supplier<W> loader, W resource) {
    List<W> garbage = new ArrayList<>();
    boolean registered = false;
    try {
      Slot slot = new Slot(name, version, owner, loader);
      slot.bytes = size.applyAsLong(resource);
      synchronized (lock) {
        requireOpen();
        slot.resource = resource;
        slot.lastUsed = ++clock;
        residentBytes += slot.bytes;
        garbage.addAll(retire(current.put(name, slot)));
        garbage.addAll(evict(0));
        registered = true;
      }
    } finally {
      if (!registered) {
        garbage.add(resource);
      }
      garbage.forEach(free);
    }
  }

  /** Retires what has the name, if anything has. */
  void remove(String name) {
    List<W> garbage;
    synchronized (lock) {
      garbage = retire(current.remove(name));
    }
    garbage.forEach(free);
  }

  Optional<Registration> registration(String name) {
    synchronized (lock) {
      return Optional.ofNullable(current.get(name))
          .map(slot -> new Registration(slot.version, slot.owner));
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

  Set<String> names() {
    synchronized (lock) {
      return Set.copyOf(current.keySet());
    }
  }

  /** Returns the bytes of all loaded resources, retired ones included that are still lent. */
  long residentBytes() {
    synchronized (lock) {
      return residentBytes;
    }
  }

  /**
   * Lends the version that has the name now, loading it if need be.
   *
   * @throws RuntimeException what the loader threw; the next call tries to load again
   */
  Lease acquire(String name) {
    Slot slot;
    CompletableFuture<W> loading;
    boolean mine = false;
    List<W> garbage = List.of();
    synchronized (lock) {
      requireOpen();
      slot = current.get(name);
      if (slot == null) {
        throw DomainNames.unknown(name, current.keySet());
      }
      slot.leases++;
      leases.begin();
      slot.lastUsed = ++clock;
      if (slot.resource != null) {
        return new Lease(slot, slot.resource);
      }
      if (slot.loading == null) {
        mine = true;
        slot.loading = new CompletableFuture<>();
        garbage = evict(slot.bytes);
      }
      loading = slot.loading;
    }
    garbage.forEach(free);
    return mine ? load(slot, loading) : await(slot, loading);
  }

  /** Retires everything. What is lent is freed when its last lease ends. */
  void close() {
    List<W> garbage = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      Collection<Slot> slots = List.copyOf(current.values());
      current.clear();
      slots.forEach(slot -> garbage.addAll(retire(slot)));
    }
    garbage.forEach(free);
  }

  private Lease load(Slot slot, CompletableFuture<W> loading) {
    W resource = null;
    long bytes;
    try {
      resource = slot.loader.get();
      bytes = size.applyAsLong(resource);
    } catch (Throwable e) {
      if (resource != null) {
        free.accept(resource);
      }
      loadFailed(slot);
      loading.completeExceptionally(e);
      throw e;
    }
    List<W> garbage;
    synchronized (lock) {
      slot.loading = null;
      slot.resource = resource;
      slot.bytes = bytes;
      residentBytes += bytes;
      garbage = evict(0);
    }
    loading.complete(resource);
    garbage.forEach(free);
    return new Lease(slot, resource);
  }

  private Lease await(Slot slot, CompletableFuture<W> loading) {
    try {
      return new Lease(slot, loading.join());
    } catch (CompletionException e) {
      giveBack(slot);
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void loadFailed(Slot slot) {
    synchronized (lock) {
      slot.loading = null;
    }
    giveBack(slot);
  }

  private void giveBack(Slot slot) {
    List<W> garbage;
    synchronized (lock) {
      slot.leases--;
      slot.lastUsed = ++clock;
      garbage = slot.retired ? dropIfUnused(slot) : evict(0);
    }
    try {
      garbage.forEach(free);
    } finally {
      leases.end(); // whoever waits may close what the memory belongs to
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new MoaException("The adapters were closed: nothing can be acquired any more.");
    }
  }

  // The methods below need the lock and return what their caller must free outside of it.

  private List<W> retire(Slot slot) {
    if (slot == null) {
      return List.of();
    }
    slot.retired = true;
    return dropIfUnused(slot);
  }

  private List<W> dropIfUnused(Slot slot) {
    if (slot.leases > 0 || slot.resource == null) {
      return List.of();
    }
    W resource = slot.resource;
    slot.resource = null;
    residentBytes -= slot.bytes;
    return List.of(resource);
  }

  private List<W> evict(long incomingBytes) {
    List<W> garbage = new ArrayList<>();
    while (residentBytes > budget - incomingBytes) {
      Optional<Slot> oldest =
          current.values().stream()
              .filter(slot -> slot.resource != null && slot.leases == 0)
              .min(Comparator.comparingLong(slot -> slot.lastUsed));
      if (oldest.isEmpty()) {
        break;
      }
      garbage.addAll(dropIfUnused(oldest.get()));
    }
    return garbage;
  }
}
