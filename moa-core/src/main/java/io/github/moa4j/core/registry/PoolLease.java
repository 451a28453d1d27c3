package io.github.moa4j.core.registry;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The right to use one version of a {@link VersionedPool} until it is closed. Thread-safe.
 *
 * @param <W> the resource
 */
final class PoolLease<W> implements AutoCloseable {

  private final Slot<W> slot;
  private final W resource;
  private final Consumer<Slot<W>> giveBack;
  private final AtomicBoolean open = new AtomicBoolean(true);

  PoolLease(Slot<W> slot, W resource, Consumer<Slot<W>> giveBack) {
    this.slot = slot;
    this.resource = resource;
    this.giveBack = giveBack;
  }

  String name() {
    return slot.name;
  }

  int version() {
    return slot.version;
  }

  /**
   * Returns the resource.
   *
   * @throws IllegalStateException if the lease was closed
   */
  W resource() {
    if (!open.get()) {
      throw new IllegalStateException("The lease of '" + slot.name + "' was closed.");
    }
    return resource;
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      giveBack.accept(slot);
    }
  }
}
