package io.github.moa4j.core.model;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Runs of a model whose results are plain arrays. */
final class Runs {

  private Runs() {}

  /** The logits [length · vocab] of one sequence alone. */
  static Decoder decoder(BaseModel model) {
    return model.unwrap(Decoder.class);
  }

  static float[] logits(BaseModel model, int[] sequence, AdapterChoice choice) {
    return logits(model, TokenBatch.of(List.of(sequence)), List.of(choice)).get(0);
  }

  /** The logits [length · vocab] of each row. */
  static List<float[]> logits(BaseModel model, TokenBatch batch, List<AdapterChoice> choices) {
    try (NDManager scope = decoder(model).newScope()) {
      float[] values = decoder(model).logits(scope, batch, choices).toFloatArray();
      int vocab = model.config().vocabSize();
      int[] offsets = batch.offsets();
      return IntStream.range(0, batch.rows())
          .mapToObj(i -> Arrays.copyOfRange(values, offsets[i] * vocab, offsets[i + 1] * vocab))
          .toList();
    }
  }

  /** The last logits of each row of a batch that is appended to the first slots of a cache. */
  static float[] extend(
      BaseModel model, TokenBatch batch, List<AdapterChoice> choices, KeyValueCache cache) {
    try (NDManager scope = decoder(model).newScope()) {
      return decoder(model).extend(scope, batch, choices, cache, slots(batch)).toFloatArray();
    }
  }

  static int[] slots(TokenBatch batch) {
    return IntStream.range(0, batch.rows()).toArray();
  }

  /** Greedy tokens of one prompt by the cache, one at a time. */
  static long[] greedy(BaseModel model, int[] prompt, AdapterChoice choice, int count) {
    long[] tokens = new long[count];
    TokenBatch next = TokenBatch.of(List.of(prompt));
    try (KeyValueCache cache = KeyValueCache.of(decoder(model), 1, prompt.length + count)) {
      for (int i = 0; i < count; i++) {
        int token = argmax(extend(model, next, List.of(choice), cache));
        tokens[i] = token;
        next = TokenBatch.of(List.of(new int[] {token}));
      }
    }
    return tokens;
  }

  static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  static List<AdapterChoice> all(int rows, AdapterChoice choice) {
    return Collections.nCopies(rows, choice);
  }

  /** The logits of one position. */
  static float[] position(float[] logits, int position, int vocab) {
    return Arrays.copyOfRange(logits, position * vocab, (position + 1) * vocab);
  }
}
