package io.github.moa4j.training.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Batches of examples of similar length: those of equal length attend at once. The order of the
 * batches is drawn anew for every epoch, and so is the company of examples of the same length.
 *
 * <p>The batches are a function of examples, settings, seed and epoch alone, and every epoch has
 * the same number of them: a run that was stopped after step k goes on with batch {@code k %
 * batches} of epoch {@code k / batches}.
 */
public final class LengthBucketedBatches {

  private LengthBucketedBatches() {}

  /**
   * Makes the batches of an epoch by number of examples.
   *
   * @param batchSize most examples of a batch; the batches, {@code ceil(examples / batchSize)} of
   *     them, differ by one example at most
   */
  public static List<List<EncodedExample>> of(
      List<EncodedExample> examples, int batchSize, long seed, int epoch) {
    return of(examples, batchSize, Integer.MAX_VALUE, seed, epoch);
  }

  /**
   * Makes the batches of an epoch by number of examples and of tokens.
   *
   * @param batchSize most examples of a batch
   * @param maxTokens most tokens of a batch; batches that would have more are divided
   * @throws IllegalArgumentException if there is no example, a limit is below 1, or one example has
   *     more than {@code maxTokens} tokens
   */
  public static List<List<EncodedExample>> of(
      List<EncodedExample> examples, int batchSize, int maxTokens, long seed, int epoch) {
    if (examples.isEmpty() || batchSize < 1 || maxTokens < 1) {
      throw new IllegalArgumentException(
          "Batches need examples and limits of at least 1; found %d examples, %d examples and %d tokens a batch"
              .formatted(examples.size(), batchSize, maxTokens));
    }
    Random random = new Random(mix(seed, epoch));
    List<EncodedExample> sorted = new ArrayList<>(examples);
    Collections.shuffle(sorted, random);
    sorted.sort(Comparator.comparingInt(example -> example.tokens().length));
    List<List<EncodedExample>> batches = new ArrayList<>();
    int count = (sorted.size() - 1) / batchSize + 1;
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) sorted.size() * i / count);
      int to = (int) ((long) sorted.size() * (i + 1) / count);
      divide(sorted.subList(from, to), maxTokens, batches);
    }
    Collections.shuffle(batches, random);
    return List.copyOf(batches);
  }

  /** Adds a batch, sorted by length, in as few parts as the limit allows. */
  private static void divide(
      List<EncodedExample> batch, int maxTokens, List<List<EncodedExample>> batches) {
    int end = batch.size();
    while (end > 0) {
      int longest = batch.get(end - 1).tokens().length;
      if (longest > maxTokens) {
        throw new IllegalArgumentException(
            "An example has %d tokens, more than the %d a batch may have; raise that limit or lower those of prompt and answer"
                .formatted(longest, maxTokens));
      }
      int start = end - 1;
      int tokens = longest;
      while (start > 0 && tokens + batch.get(start - 1).tokens().length <= maxTokens) {
        start--;
        tokens += batch.get(start).tokens().length;
      }
      batches.add(List.copyOf(batch.subList(start, end)));
      end = start;
    }
  }

  /** Gives near seeds and epochs sequences that have nothing in common (SplitMix64's finaliser). */
  static long mix(long seed, int epoch) {
    long z = seed + (epoch + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
