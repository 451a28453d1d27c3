package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;

/**
 * What a generator may hold at once.
 *
 * @param cacheBytes bytes of keys and values of all answers under way, each counted with its prompt
 *     and the longest answer it may become; a request that needs more is refused
 * @param prefixBytes bytes of keys and values that are kept for requests that begin as an earlier
 *     one did; 0 keeps none
 * @param queue how many requests wait for their turn at most
 */
public record GenerationLimits(long cacheBytes, long prefixBytes, int queue) {

  /** Validates the components. */
  public GenerationLimits {
    if (cacheBytes < 1 || prefixBytes < 0 || queue < 1) {
      throw new IllegalArgumentException(
          "A generator needs bytes for keys and values, no fewer than 0 for prefixes, and a queue of at least one request: %d, %d, %d"
              .formatted(cacheBytes, prefixBytes, queue));
    }
  }

  /**
   * Returns limits that fit a model: 4 GiB for answers under way, or as much as the longest needs
   * if that is more; no prefixes; a queue of 1,024 requests.
   */
  public static GenerationLimits of(BaseModel model) {
    long longest = model.contextLength() * KeyValueCache.bytesPerToken(model.unwrap(Decoder.class));
    return new GenerationLimits(Math.max(4L << 30, longest), 0, 1024);
  }

  /** Returns these limits with other bytes for keys and values of answers under way. */
  public GenerationLimits withCacheBytes(long value) {
    return new GenerationLimits(value, prefixBytes, queue);
  }

  /** Returns these limits with other bytes for prefixes. */
  public GenerationLimits withPrefixBytes(long value) {
    return new GenerationLimits(cacheBytes, value, queue);
  }

  /** Returns these limits with a queue of another length. */
  public GenerationLimits withQueue(int value) {
    return new GenerationLimits(cacheBytes, prefixBytes, value);
  }
}
