package io.github.moa4j.core.model;

import io.github.moa4j.core.model.internal.KeyValueCache;
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
   * Gives out what lies beneath: the {@link KeyValueCache}, for the other rooms of the library.
   *
   * @throws IllegalArgumentException if there is nothing of that type
   */
  public <T> T unwrap(Class<T> type) {
    if (type.isInstance(cache)) {
      return type.cast(cache);
    }
    throw new IllegalArgumentException("A prefilled prompt holds no " + type.getName());
  }

  /** Frees the cache. */
  @Override
  public void close() {
    cache.close();
  }
}
