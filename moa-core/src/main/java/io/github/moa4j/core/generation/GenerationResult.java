package io.github.moa4j.core.generation;

import java.time.Duration;
import java.util.List;

/**
 * A finished answer.
 *
 * @param text the answer, without end tokens and stop strings
 * @param tokens the generated token ids, an end token included
 * @param logProbabilities how probable the model found each of these tokens; empty unless {@link
 *     GenerationOptions#logProbabilities} asks for it
 * @param stopReason why it ended
 * @param promptTokens number of tokens of the prompt
 * @param reusedTokens how many of these had not to be run for the answer, as their keys and values
 *     were there: of an earlier request, or of the router's pass
 * @param timings where the time went
 */
public record GenerationResult(
    String text,
    int[] tokens,
    List<Token> logProbabilities,
    StopReason stopReason,
    int promptTokens,
    int reusedTokens,
    Timings timings) {

  /** Copies the list. */
  public GenerationResult {
    logProbabilities = List.copyOf(logProbabilities);
  }

  /** Returns {@link Timings#prefill()}. */
  public Duration prefill() {
    return timings.prefill();
  }

  /** Returns {@link Timings#decode()}. */
  public Duration decode() {
    return timings.decode();
  }

  /**
   * A token and how probable the model found it at its place.
   *
   * @param id its id
   * @param text what it spells: of a special token its name, and U+FFFD for what is not a whole
   *     character
   * @param bytes that it adds to the text, in UTF-8; none if it is special
   * @param logProbability the natural logarithm of its probability as the model gives it, at a
   *     temperature of 1: penalties, filters and constraints, which may have led to another choice,
   *     are left out
   * @param best the most probable tokens at its place, falling, as many as were asked for; these
   *     have none themselves
   */
  public record Token(int id, String text, byte[] bytes, double logProbability, List<Token> best) {

    /** Copies the list. */
    public Token {
      best = List.copyOf(best);
    }
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
