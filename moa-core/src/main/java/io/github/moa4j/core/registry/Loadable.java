package io.github.moa4j.core.registry;

/**
 * A resource that can be loaded.
 *
 * @param <W> the resource
 */
interface Loadable<W> {

  /** Returns the bytes that it will take at most. */
  long sizeInBytes();

  /** Loads it. */
  W load();
}
