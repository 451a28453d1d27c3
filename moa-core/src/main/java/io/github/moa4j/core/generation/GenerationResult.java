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
    GenerationTimings timings) {

  /** Returns {@link GenerationTimings#prefill()}. */
  public Duration prefill() {
    return timings.prefill();
  }

  /** Returns {@link GenerationTimings#decode()}. */
  public Duration decode() {
    return timings.decode();
  }
}
