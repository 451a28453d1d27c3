package io.github.moa4j.examples.study.benchmark;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prefill and decoding through the cache. The tokens are given, so that only the model is measured:
 * nothing is picked from the logits.
 */
final class Decoding {

  private final Decoder decoder;

  Decoding(BaseModel model) {
    this.decoder = model.unwrap(Decoder.class);
  }

  /** Prompt tokens a second up to the logits that follow the prompt. */
  double prefill() {
    TokenBatch prompt = TokenBatch.of(List.of(Tokens.random(Tokens.PREFILL, vocabulary())));
    long start = System.nanoTime();
    try (KeyValueCache cache = KeyValueCache.of(decoder, 1, Tokens.PREFILL)) {
      append(prompt, List.of(AdapterChoice.base()), cache);
    }
    return Tokens.perSecond(Tokens.PREFILL, start);
  }

  /**
   * New tokens a second of all sequences together, after a short prompt and some warm-up.
   *
   * @param choices one a sequence
   */
  double decode(List<AdapterChoice> choices) {
    TokenBatch prompts = batch(choices.size(), Tokens.PROMPT);
    try (KeyValueCache cache = KeyValueCache.of(decoder, choices.size(), Tokens.LENGTH)) {
      append(prompts, choices, cache);
      TokenBatch next = batch(choices.size(), 1);
      for (int i = 0; i < Tokens.WARM_UP; i++) {
        append(next, choices, cache);
      }
      long start = System.nanoTime();
      for (int i = 0; i < Tokens.DECODED; i++) {
        append(next, choices, cache);
      }
      return Tokens.perSecond(Tokens.DECODED * choices.size(), start);
    }
  }

  private void append(TokenBatch batch, List<AdapterChoice> choices, KeyValueCache cache) {
    try (NDManager scope = decoder.newScope()) {
      decoder.extend(scope, batch, choices, cache, IntStream.range(0, batch.rows()).toArray());
    }
  }

  private TokenBatch batch(int sequences, int length) {
    List<int[]> tokens = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      tokens.add(Tokens.random(length, vocabulary(), i));
    }
    return TokenBatch.of(tokens);
  }

  private int vocabulary() {
    return decoder.config().vocabSize();
  }
}
