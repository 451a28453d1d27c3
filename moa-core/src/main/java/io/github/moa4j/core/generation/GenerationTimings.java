package io.github.moa4j.core.generation;

import java.time.Duration;

/**
 * Where the time of an answer went. The first three together are the time to the first token, all
 * four that of the whole request.
 *
 * @param queue waiting for its turn: for the router's pass, and for room in the batch
 * @param routing the router's pass over the prompt, its decision, and fetching the adapters; zero
 *     where the request came with its adapters
 * @param prefill from then to the first token, beside whatever else the batch computed
 * @param decode from the first token to the end
 */
public record GenerationTimings(
    Duration queue, Duration routing, Duration prefill, Duration decode) {

  /** Returns the time from the request to its first token. */
  public Duration timeToFirstToken() {
    return queue.plus(routing).plus(prefill);
  }
}
