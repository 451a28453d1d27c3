package io.github.moa4j.core.generation;

import io.github.moa4j.core.EngineClosedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Who comes next: prompts are read for the router in the order of their coming, ahead of their
 * turn; whose adapter is known waits for a slot, in turns of the keys. Only the engine's thread
 * touches it.
 */
final class Admission {

  private final Slots slots;
  private final BiConsumer<ScheduledAnswer, RuntimeException> failed;
  private final Deque<ScheduledAnswer> unrouted = new ArrayDeque<>();
  private final FairQueue queue = new FairQueue();

  /**
   * Lets nobody wait yet.
   *
   * @param failed told whom the engine has no room for, and removes it
   */
  Admission(Slots slots, BiConsumer<ScheduledAnswer, RuntimeException> failed) {
    this.slots = slots;
    this.failed = failed;
  }

  /** Lets a prompt wait for the router's pass. */
  void add(ScheduledAnswer answer) {
    unrouted.add(answer);
  }

  /** Lets a request of which a key tells who answers wait for its turn. */
  void add(ScheduledAnswer answer, Object key) {
    answer.phase = ScheduledAnswer.Phase.QUEUED;
    answer.key = key;
    queue.add(key, answer);
  }

  /**
   * Gives slots to those who come next, while there are any.
   *
   * @param read takes a prompt that is to be read for the router
   * @param hold takes a request that is to be answered
   */
  void letIn(Consumer<ScheduledAnswer> read, Consumer<ScheduledAnswer> hold) {
    while (!unrouted.isEmpty() && placed(unrouted.element(), this::placeToRead)) {
      ScheduledAnswer next = unrouted.remove();
      next.endWaiting();
      read.accept(next);
    }
    for (Optional<ScheduledAnswer> next = queue.peek();
        next.isPresent() && placed(next.get(), slots::place);
        next = queue.peek()) {
      queue.remove();
      next.get().endWaiting();
      hold.accept(next.get());
    }
  }

  private boolean placeToRead(ScheduledAnswer answer) {
    return (queue.isEmpty() && slots.place(answer)) || slots.placeAhead(answer);
  }

  /** Whether a prompt that was read may stay in its slot for its answer, as it is its turn. */
  boolean keeps(ScheduledAnswer answer) {
    return queue.isEmpty() && slots.keep(answer);
  }

  /** Removes a request that waits no more. */
  void remove(ScheduledAnswer answer) {
    unrouted.remove(answer);
    queue.remove(answer.key, answer);
  }

  /** Whether there is room now; where the engine has none it is this request that fails. */
  private boolean placed(ScheduledAnswer answer, Predicate<ScheduledAnswer> place) {
    try {
      return place.test(answer);
    } catch (EngineClosedException e) {
      throw e;
    } catch (RuntimeException e) {
      failed.accept(answer, e);
      return false; // the next step goes on with the next
    }
  }

  /**
   * A queue in which keys take turns, so that a thousand entries of one do not hold up the only one
   * of another. Entries of one key keep their order.
   */
  private static final class FairQueue {

    private final Map<Object, Deque<ScheduledAnswer>> byKey =
        new LinkedHashMap<>(); // the next key first

    void add(Object key, ScheduledAnswer entry) {
      byKey.computeIfAbsent(key, k -> new ArrayDeque<>()).add(entry);
    }

    /** Returns the entry whose turn it is. */
    Optional<ScheduledAnswer> peek() {
      Iterator<Deque<ScheduledAnswer>> queues = byKey.values().iterator();
      return queues.hasNext() ? Optional.of(queues.next().element()) : Optional.empty();
    }

    /** Removes the entry whose turn it is; its key's next turn comes after all others'. */
    void remove() {
      Iterator<Map.Entry<Object, Deque<ScheduledAnswer>>> queues = byKey.entrySet().iterator();
      Map.Entry<Object, Deque<ScheduledAnswer>> first = queues.next();
      queues.remove();
      first.getValue().remove();
      if (!first.getValue().isEmpty()) {
        byKey.put(first.getKey(), first.getValue());
      }
    }

    /** Removes an entry that waits no more. */
    void remove(Object key, ScheduledAnswer entry) {
      Deque<ScheduledAnswer> entries = byKey.get(key);
      if (entries != null && entries.remove(entry) && entries.isEmpty()) {
        byKey.remove(key);
      }
    }

    boolean isEmpty() {
      return byKey.isEmpty();
    }
  }
}
