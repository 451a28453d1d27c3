package io.github.moa4j.core.registry;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One version of a resource in a {@link VersionedPool}, by whose lock its fields are guarded.
 *
 * @param <W> the resource
 */
final class Slot<W> {

  final String name;
  final Supplier<Loadable<W>> source;
  int version; // written before anybody else sees the slot
  Object owner; // likewise
  W resource; // null while not loaded
  CompletableFuture<W> loading; // null unless a thread is loading
  long bytes; // of the resource, also while it is loading; else 0
  int leases; // the loading thread and those that wait for it included
  long lastUsed; // on the pool's clock
  boolean retired; // replaced or removed

  Slot(String name, Supplier<Loadable<W>> source) {
    this.name = name;
    this.source = source;
  }
}
