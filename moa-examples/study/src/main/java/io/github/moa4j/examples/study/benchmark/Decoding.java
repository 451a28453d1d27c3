package io.github.moa4j.examples.study.benchmark;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.List;
import java.util.SplittableRandom;

/** Prefill and greedy decoding of one sequence through the cache, as the generator does it. */
final class Decoding {

  static final int PROMPT_TOKENS = 512;
  private static final int WARM_TOKENS = 32;
  private static final int TOKENS = 64;
  private static final List<AdapterChoice> BASE = List.of(AdapterChoice.base());

  private final Decoder decoder;

  Decoding(BaseModel model) {
    this.decoder = model.unwrap(Decoder.class);
  }

  /** Prompt tokens a second up to the logits that follow the prompt. */
  double prefill() {
    TokenBatch prompt = TokenBatch.leftPadded(List.of(randomTokens(PROMPT_TOKENS, 1)));
    long start = System.nanoTime();
    try (KeyValueCache cache = KeyValueCache.of(decoder, prompt, PROMPT_TOKENS)) {
      next(prompt, cache);
    }
    return PROMPT_TOKENS * 1e9 / (System.nanoTime() - start);
  }

  /** New tokens a second at batch size 1, after a short prompt and some warm-up. */
  double decode() {
    TokenBatch prompt = TokenBatch.leftPadded(List.of(randomTokens(16, 2)));
    try (KeyValueCache cache = KeyValueCache.of(decoder, prompt, 16 + WARM_TOKENS + TOKENS)) {
      int token = next(prompt, cache);
      for (int i = 0; i < WARM_TOKENS; i++) {
        token = next(TokenBatch.leftPadded(List.of(new int[] {token})), cache);
      }
      long start = System.nanoTime();
      for (int i = 0; i < TOKENS; i++) {
        token = next(TokenBatch.leftPadded(List.of(new int[] {token})), cache);
      }
      return TOKENS * 1e9 / (System.nanoTime() - start);
    }
  }

  private int next(TokenBatch batch, KeyValueCache cache) {
    try (NDManager scope = decoder.newScope()) {
      float[] logits = decoder.extend(scope, batch, BASE, cache).toFloatArray();
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        if (logits[i] > logits[best]) {
          best = i;
        }
      }
      return best;
    }
  }

  static int[] randomTokens(int count, long seed) {
    return new SplittableRandom(seed).ints(count, 0, SyntheticCheckpoint.VOCABULARY).toArray();
  }
}
