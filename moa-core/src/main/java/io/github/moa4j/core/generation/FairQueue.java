package io.github.moa4j.core.generation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A queue in which keys take turns, so that a thousand entries of one do not hold up the only one
 * of another. Entries of one key keep their order.
 */
final class FairQueue<T> {

  private final Map<Object, Deque<T>> byKey = new LinkedHashMap<>(); // the next key first

  void add(Object key, T entry) {
    byKey.computeIfAbsent(key, k -> new ArrayDeque<>()).add(entry);
  }

  /** Returns the entry whose turn it is. */
  Optional<T> peek() {
    Iterator<Deque<T>> queues = byKey.values().iterator();
    return queues.hasNext() ? Optional.of(queues.next().element()) : Optional.empty();
  }

  /** Removes the entry whose turn it is; its key's next turn comes after all others'. */
  void remove() {
    Iterator<Map.Entry<Object, Deque<T>>> queues = byKey.entrySet().iterator();
    Map.Entry<Object, Deque<T>> first = queues.next();
    queues.remove();
    first.getValue().remove();
    if (!first.getValue().isEmpty()) {
      byKey.put(first.getKey(), first.getValue());
    }
  }

  /** Removes an entry that waits no more. */
  void remove(Object key, T entry) {
    Deque<T> entries = byKey.get(key);
    if (entries != null && entries.remove(entry) && entries.isEmpty()) {
      byKey.remove(key);
    }
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }
}
