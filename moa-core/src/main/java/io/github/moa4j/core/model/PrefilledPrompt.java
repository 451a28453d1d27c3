package io.github.moa4j.core.model;

import java.util.Arrays;

/**
 * A prompt that has run through the base once: what a router sees of it, and the keys and values of
 * its tokens. Everything that comes before an activated adapter's first token is this pass, so the
 * cache serves the base and the activated adapters of all domains alike (Greenewald et al., 2025).
 *
 * <p>Owns the cache's native memory; not thread-safe.
 */
public final class PrefilledPrompt implements AutoCloseable {

  private final int[] tokens;
  private final PromptStates states;
  private final KeyValueCache cache;

  PrefilledPrompt(int[] tokens, PromptStates states, KeyValueCache cache) {
    this.tokens = tokens.clone();
    this.states = states;
    this.cache = cache;
  }

  /** Returns the pooled states of the base's own pass. */
  public PromptStates states() {
    return states;
  }

  /** Returns the number of the prompt's tokens. */
  public int length() {
    return tokens.length;
  }

  /** Whether this is the prompt of those tokens. */
  public boolean isOf(int[] prompt) {
    return Arrays.equals(tokens, prompt);
  }

  /**
   * Copies the keys and values of the prompt's beginning into a cache that can grow; the caller
   * closes it.
   *
   * @param first how many of the prompt's tokens to keep
   * @param capacity tokens of the new cache
   */
  public KeyValueCache copyCache(int first, int capacity) {
    if (first > tokens.length) {
      throw new IllegalArgumentException(
          "A prompt of %d tokens has no first %d".formatted(tokens.length, first));
    }
    return cache.copy(new int[] {0}, first, capacity);
  }

  /** Frees the cache. */
  @Override
  public void close() {
    cache.close();
  }
}
