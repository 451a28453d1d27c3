package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws the next token of one sequence from its logits. */
final class Sampler {

  private final GenerationOptions options;
  private final SplittableRandom random;
  private final boolean[] seen; // by token id; empty without repetition penalty

  Sampler(GenerationOptions options, int[] prompt, int vocabSize) {
    this.options = options;
    this.random = new SplittableRandom(options.seed());
    this.seen = new boolean[options.repetitionPenalty() == 1 ? 0 : vocabSize];
    for (int token : prompt) {
      remember(token);
    }
  }

  private void remember(int token) {
    // The model itself refuses a prompt with ids beyond its vocabulary, by name.
    if (token >= 0 && token < seen.length) {
      seen[token] = true;
    }
  }

  /**
   * Picks a token.
   *
   * @param logits changed in place
   * @throws MoaException if the best of them is no finite number
   */
  int next(float[] logits) {
    penalise(logits);
    int best = argmax(logits);
    if (!Float.isFinite(logits[best])) {
      throw new MoaException(
          "The model's logits hold NaN or infinity. Check the weights of the base and the adapter.");
    }
    int token = options.temperature() == 0 ? best : draw(logits, logits[best]);
    remember(token);
    return token;
  }

  private void penalise(float[] logits) {
    float penalty = (float) options.repetitionPenalty();
    for (int token = 0; token < seen.length; token++) {
      if (seen[token]) {
        logits[token] = logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty;
      }
    }
  }

  /** The token with the highest logit, the first of equals; token 0 if all are NaN. */
  private static int argmax(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }

  private int draw(float[] logits, float best) {
    double[] weights = new double[logits.length];
    for (int token = 0; token < weights.length; token++) {
      weights[token] = Math.exp((logits[token] - best) / options.temperature());
    }
    boolean ranked = options.topK() > 0 || options.topP() < 1;
    int[] candidates = candidates(weights, ranked);
    int count = candidates.length;
    if (options.topK() > 0) {
      count = Math.min(count, options.topK());
    }
    if (options.topP() < 1) {
      count = nucleus(weights, candidates, count);
    }
    while (ranked && weights[candidates[count - 1]] < options.minP()) {
      count--;
    }
    return candidates[pick(weights, candidates, count)];
  }

  /**
   * The possible tokens, most probable first if ranked, else without those that min-p drops: it
   * comes after top-p, which needs them all. The best has weight 1.
   */
  private int[] candidates(double[] weights, boolean ranked) {
    int[] kept = new int[weights.length];
    int count = 0;
    for (int token = 0; token < weights.length; token++) {
      if (weights[token] > 0 && (ranked || weights[token] >= options.minP())) {
        kept[count++] = token;
      }
    }
    if (!ranked) {
      return Arrays.copyOf(kept, count);
    }
    long[] keys = new long[count];
    for (int i = 0; i < count; i++) {
      // Positive floats order as their bits do; a tie goes to the lower token id.
      keys[i] = ((long) -Float.floatToIntBits((float) weights[kept[i]]) << 32) | kept[i];
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  private int nucleus(double[] weights, int[] candidates, int count) {
    double total = 0;
    for (int i = 0; i < count; i++) {
      total += weights[candidates[i]];
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[candidates[i]];
      if (sum >= options.topP() * total) {
        return i + 1;
      }
    }
    return count;
  }

  private int pick(double[] weights, int[] candidates, int count) {
    double total = 0;
    for (int i = 0; i < count; i++) {
      total += weights[candidates[i]];
    }
    double left = random.nextDouble() * total;
    for (int i = 0; i < count; i++) {
      left -= weights[candidates[i]];
      if (left < 0) {
        return i;
      }
    }
    return count - 1;
  }
}
