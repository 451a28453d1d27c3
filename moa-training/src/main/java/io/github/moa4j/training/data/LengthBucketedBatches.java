package io.github.moa4j.training.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Batches of examples of similar length, so that little padding is computed. */
public final class LengthBucketedBatches {

  /** Examples are sorted by length within so many batches: an order close to a random one. */
  private static final int BUCKET_BATCHES = 16;

  private LengthBucketedBatches() {}

  /**
   * Lays out one pass over the examples. The same arguments give the same batches.
   *
   * @param batchSize examples a batch; the last batch may be smaller
   * @param seed of the whole run
   * @param epoch number of this pass
   */
  public static List<List<EncodedExample>> of(
      List<EncodedExample> examples, int batchSize, long seed, int epoch) {
    Random random = new Random(seed * 1_000_003 + epoch);
    List<EncodedExample> shuffled = new ArrayList<>(examples);
    Collections.shuffle(shuffled, random);
    List<List<EncodedExample>> batches = new ArrayList<>();
    int bucketSize = batchSize * BUCKET_BATCHES;
    for (int start = 0; start < shuffled.size(); start += bucketSize) {
      List<EncodedExample> bucket =
          shuffled.subList(start, Math.min(shuffled.size(), start + bucketSize));
      bucket.sort(Comparator.comparingInt(example -> example.tokens().length));
      for (int i = 0; i < bucket.size(); i += batchSize) {
        batches.add(List.copyOf(bucket.subList(i, Math.min(bucket.size(), i + batchSize))));
      }
    }
    Collections.shuffle(batches, random);
    return batches;
  }
}
