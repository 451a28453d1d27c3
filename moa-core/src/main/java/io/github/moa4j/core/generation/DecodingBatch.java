package io.github.moa4j.core.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PrefilledPrompt;
import io.github.moa4j.core.model.PromptCancelledException;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ObjIntConsumer;

/**
 * A batch of answers in lock step over one key/value cache. Rows that have ended leave the batch.
 * Owns native memory; not thread-safe.
 */
final class DecodingBatch implements AutoCloseable {

  private static final int SPARE_TOKENS = 64;

  private final Decoder decoder;
  private final List<AnswerRow> rows;
  private final Optional<PrefilledPrompt> prefilled; // of the only row
  private int[] active; // index into rows of each row of the cache
  private KeyValueCache cache;

  DecodingBatch(Decoder decoder, List<AnswerRow> rows) {
    this(decoder, rows, Optional.empty());
  }

  /**
   * Creates a batch.
   *
   * @param prefilled the prompt of the only row, if it has run through the base already; taken over
   */
  DecodingBatch(Decoder decoder, List<AnswerRow> rows, Optional<PrefilledPrompt> prefilled) {
    this.decoder = decoder;
    this.rows = rows;
    this.prefilled = prefilled;
    this.active = new int[rows.size()];
    Arrays.setAll(active, i -> i);
  }

  boolean finished() {
    return rows.stream().allMatch(AnswerRow::finished);
  }

  /**
   * Generates one token for every row that has not ended; the first call runs the prompts.
   *
   * @param onText told each row's new text and its index
   * @param cancelled asked between the pieces of long prompts; if it says yes, every row ends
   */
  void step(ObjIntConsumer<String> onText, BooleanSupplier cancelled) {
    try (NDManager scope = decoder.newScope()) {
      NDArray logits = cache == null ? prefill(scope, cancelled) : decode(scope);
      List<Sampler> samplers =
          Arrays.stream(active).mapToObj(index -> rows.get(index).sampler()).toList();
      int[] tokens = new TokenPicker(decoder.sampling()).pick(logits, samplers);
      for (int i = 0; i < active.length; i++) {
        AnswerRow row = rows.get(active[i]);
        if (!row.finished()) {
          String text = row.advance(tokens[i]);
          onText.accept(text, active[i]);
        }
      }
    } catch (PromptCancelledException e) {
      if (!cancelled.getAsBoolean()) {
        throw e; // the thread was interrupted
      }
      rows.forEach(row -> row.finish(StopReason.CANCELLED));
    }
  }

  private NDArray prefill(NDManager scope, BooleanSupplier cancelled) {
    List<int[]> prompts = rows.stream().map(row -> row.request().prompt()).toList();
    int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    cache = KeyValueCache.of(decoder, rows.size(), capacity(longest));
    int reused = prefilled.isPresent() ? rows.get(0).request().tokensBeforeAdapters() : 0;
    if (reused > 0) { // only the tokens under the adapters are run; those before are the base's
      cache.copyFrom(prefilled.get().unwrap(KeyValueCache.class), 0, 0, reused);
      prompts = List.of(Arrays.copyOfRange(prompts.get(0), reused, longest));
    }
    prefilled.ifPresent(PrefilledPrompt::close);
    return decoder.extend(scope, TokenBatch.of(prompts), choices(), cache, slots(), cancelled);
  }

  private NDArray decode(NDManager scope) {
    makeRoom();
    List<int[]> tokens = new ArrayList<>();
    for (int index : active) {
      tokens.add(new int[] {rows.get(index).lastToken()});
    }
    return decoder.extend(scope, TokenBatch.of(tokens), choices(), cache, slots());
  }

  private int[] slots() {
    int[] slots = new int[active.length];
    Arrays.setAll(slots, i -> i);
    return slots;
  }

  private List<AdapterChoice> choices() {
    return Arrays.stream(active).mapToObj(index -> rows.get(index).request().choice()).toList();
  }

  /** Drops rows that have ended, and grows a full cache. */
  private void makeRoom() {
    int kept = 0;
    int longest = 0;
    for (int i = 0; i < active.length; i++) {
      if (!rows.get(active[i]).finished()) {
        cache.move(i, kept);
        active[kept] = active[i];
        longest = Math.max(longest, cache.length(kept));
        kept++;
      }
    }
    active = Arrays.copyOf(active, kept);
    if (longest == cache.capacity()) {
      KeyValueCache next = cache.resized(kept, capacity(longest));
      cache.close();
      cache = next;
    }
  }

  /**
   * Room for the tokens so far and for some more, doubling, within what the rows can still need.
   */
  private int capacity(int length) {
    int needed = rows.stream().mapToInt(AnswerRow::remaining).max().orElse(0);
    int spare = Math.max(SPARE_TOKENS, length);
    return length + Math.min(spare, needed);
  }

  @Override
  public void close() {
    prefilled.ifPresent(PrefilledPrompt::close);
    if (cache != null) {
      cache.close();
    }
  }
}
