package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The slots of one key/value cache, and who has them. The cache is as long as the longest of its
 * sequences may become and has as many slots as its bytes allow then; nothing is held while nobody
 * has a slot. Owns native memory; only the engine's thread touches it.
 */
final class Slots implements AutoCloseable {

  private static final int ANSWERS = 32; // at once: more rows give few more tokens a second
  private static final int AHEAD = 8; // slots for prompts that are routed while all answers wait
  private static final int STEP = 64; // of the capacity
  private static final int COMMON = 1024; // a capacity that most requests fit

  private final Decoder decoder;
  private final int context;
  private final long tokens; // that fit the bytes
  private ScheduledAnswer[] owners = {};
  private KeyValueCache cache; // none while nobody has a slot

  Slots(BaseModel model, long bytes) {
    this.decoder = model.unwrap(Decoder.class);
    this.context = decoder.contextLength();
    this.tokens = bytes / KeyValueCache.bytesPerToken(decoder);
  }

  /**
   * Checks that one sequence of so many tokens fits the bytes.
   *
   * @throws CacheBudgetException if it does not
   */
  void requireRoom(long needed) {
    if (needed > tokens) {
      throw new CacheBudgetException(needed, tokens);
    }
  }

  KeyValueCache cache() {
    return cache;
  }

  boolean isEmpty() {
    return cache == null;
  }

  /** Returns the bytes of the cache. */
  long sizeInBytes() {
    return cache == null
        ? 0
        : (long) cache.slots() * cache.capacity() * KeyValueCache.bytesPerToken(decoder);
  }

  /** Gives a slot to an answer, unless as many as possible have one. */
  boolean place(ScheduledAnswer answer) {
    return answers() < ANSWERS && place(answer, answer.mostTokens(context));
  }

  /** Gives a slot to a prompt that is only routed for now. */
  boolean placeAhead(ScheduledAnswer answer) {
    return occupied() - answers() < AHEAD && place(answer, answer.prompt().length);
  }

  /** Lets a prompt that was routed stay for its answer; says whether it may. */
  boolean keep(ScheduledAnswer answer) {
    int most = answer.mostTokens(context);
    if (answer.promised < most && (answers() == ANSWERS || most > cache.capacity())) {
      return false;
    }
    answer.promised = most;
    return true;
  }

  private boolean place(ScheduledAnswer answer, int needed) {
    if (cache == null) {
      resize(capacityFor(needed));
    }
    if (needed > cache.capacity() || free() == owners.length) {
      int wanted = capacityFor(Math.max(needed, mostNeeded()));
      if (wanted == cache.capacity() || slotsOf(wanted) <= occupied()) {
        return false;
      }
      resize(wanted);
    }
    answer.slot = free();
    answer.promised = needed;
    owners[answer.slot] = answer;
    return true;
  }

  /** The lowest slot that nobody has; the number of slots if there is none. */
  private int free() {
    int slot = 0;
    while (slot < owners.length && owners[slot] != null) {
      slot++;
    }
    return slot;
  }

  private List<ScheduledAnswer> present() {
    return Arrays.stream(owners).filter(owner -> owner != null).toList();
  }

  /** Returns how many sequences have a slot. */
  int occupied() {
    return present().size();
  }

  private int answers() {
    return (int) present().stream().filter(owner -> owner.promised > owner.prompt().length).count();
  }

  private int mostNeeded() {
    return present().stream().mapToInt(owner -> owner.promised).max().orElse(0);
  }

  private int capacityFor(int needed) {
    int rounded = Math.min(context, (needed + STEP - 1) / STEP * STEP);
    if (rounded < COMMON && slotsOf(COMMON) == ANSWERS + AHEAD) {
      return Math.min(context, COMMON);
    }
    return rounded <= tokens ? rounded : needed;
  }

  private int slotsOf(int capacity) {
    return (int) Math.min(ANSWERS + AHEAD, tokens / capacity);
  }

  private void resize(int capacity) {
    List<ScheduledAnswer> present = present();
    KeyValueCache next = KeyValueCache.of(decoder, slotsOf(capacity), capacity);
    try {
      for (int slot = 0; slot < present.size(); slot++) {
        int from = present.get(slot).slot;
        next.copyFrom(cache, from, slot, cache.length(from));
      }
    } catch (RuntimeException e) {
      next.close();
      throw e;
    }
    owners = Arrays.copyOf(present.toArray(ScheduledAnswer[]::new), slotsOf(capacity));
    for (int slot = 0; slot < present.size(); slot++) {
      present.get(slot).slot = slot;
    }
    close();
    cache = next;
  }

  /** Moves answers down into slots that nobody has, so that they stand side by side. */
  void compact(Collection<ScheduledAnswer> answers) {
    for (ScheduledAnswer answer : answers) {
      int free = answer.slot < answers.size() ? owners.length : free();
      if (free < answers.size()) {
        cache.move(answer.slot, free);
        owners[answer.slot] = null;
        owners[free] = answer;
        answer.slot = free;
      }
    }
  }

  /** Takes a slot back; the last one's end frees the cache. */
  void release(ScheduledAnswer answer) {
    cache.truncate(answer.slot, 0);
    owners[answer.slot] = null;
    answer.leaveSlot();
    if (present().isEmpty()) {
      close();
    }
  }

  @Override
  public void close() {
    if (cache != null) {
      cache.close();
      cache = null;
    }
  }
}
