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
 * A batch of answers in lock step over one key/value cache. Rows that have ended leave the batch as
 * soon as half of it is idle. Owns native memory; not thread-safe.
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
    int reused = prefilled.isPresent() ? rows.get(0).request().tokensBeforeAdapters() : 0;
    if (reused > 0) {
      return extendPrefilled(scope, prefilled.get(), reused, cancelled);
    }
    prefilled.ifPresent(PrefilledPrompt::close);
    TokenBatch batch =
        TokenBatch.leftPadded(rows.stream().map(row -> row.request().prompt()).toList());
    cache = KeyValueCache.of(decoder, batch, capacity(batch.length()));
    return decoder.extend(scope, batch, choices(), cache, cancelled);
  }

  /** Runs only the tokens under the adapters; those before are the base's own pass. */
  private NDArray extendPrefilled(
      NDManager scope, PrefilledPrompt prompt, int reused, BooleanSupplier cancelled) {
    GenerationRequest request = rows.get(0).request();
    int[] rest = Arrays.copyOfRange(request.prompt(), reused, request.prompt().length);
    cache =
        prompt
            .unwrap(KeyValueCache.class)
            .copy(new int[1], reused, capacity(request.prompt().length));
    prompt.close();
    TokenBatch batch = TokenBatch.leftPadded(List.of(rest));
    return decoder.extend(scope, batch, choices(), cache, cancelled);
  }

  private NDArray decode(NDManager scope) {
    makeRoom();
    List<int[]> tokens = new ArrayList<>();
    for (int index : active) {
      tokens.add(new int[] {rows.get(index).lastToken()});
    }
    return decoder.extend(scope, TokenBatch.leftPadded(tokens), choices(), cache);
  }

  private List<AdapterChoice> choices() {
    return Arrays.stream(active).mapToObj(index -> rows.get(index).request().choice()).toList();
  }

  /** Drops idle rows when they are at least half of the batch, and grows a full cache. */
  private void makeRoom() {
    int[] running = Arrays.stream(active).filter(index -> !rows.get(index).finished()).toArray();
    boolean sparse = running.length <= active.length / 2;
    if (!sparse && cache.length() < cache.capacity()) {
      return;
    }
    int[] kept = sparse ? running : active;
    int[] positions =
        Arrays.stream(kept).map(index -> Arrays.binarySearch(active, index)).toArray();
    KeyValueCache next =
        cache.copy(positions, Math.max(cache.capacity(), capacity(cache.length())));
    cache.close();
    cache = next;
    active = kept;
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
