package io.github.moa4j.core.generation;

import java.time.Duration;

/**
 * A finished answer.
 *
 * @param text the answer, without end tokens and stop strings
 * @param tokens the generated token ids, an end token included
 * @param stopReason why it ended
 * @param promptTokens number of tokens of the prompt
 * @param reusedTokens how many of these had not to be run for the answer, as their keys and values
 *     were there: of an earlier request, or of the router's pass
 * @param timings where the time went
 */
public record GenerationResult(
    String text,
    int[] tokens,
    StopReason stopReason,
    int promptTokens,
    int reusedTokens,
    Timings timings) {

  /** Returns {@link Timings#prefill()}. */
  public Duration prefill() {
    return timings.prefill();
  }

  /** Returns {@link Timings#decode()}. */
  public Duration decode() {
    return timings.decode();
  }

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
  public record Timings(Duration queue, Duration routing, Duration prefill, Duration decode) {

    /** Returns the time from the request to its first token. */
    public Duration timeToFirstToken() {
      return queue.plus(routing).plus(prefill);
    }
  }
}
