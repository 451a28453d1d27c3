package io.github.moa4j.router.monitoring;

import io.github.moa4j.core.generation.GenerationResult.Timings;
import io.github.moa4j.core.generation.StopReason;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An answer that has ended, without a word of it or of its question.
 *
 * @param asked the domain that the caller named; empty if the router was to decide
 * @param answered the domain that was chosen; empty where the base answered alone, or the question
 *     failed before
 * @param versions of the adapters that answered, by domain
 * @param confidence of the router, from 0 to 1; empty where none decided
 * @param abstention why the base answered alone; empty if it did not
 * @param promptTokens of the prompt; 0 if the question failed
 * @param reusedTokens of these, how many had not to be run
 * @param answerTokens generated; 0 if the question failed
 * @param stopReason why the answer ended; empty if the question failed
 * @param timings where the time went; all zero if the question failed
 * @param duration from the question to the end
 * @param error the simple name of the exception that the caller gets; empty if the answer is whole
 */
public record ObservedAnswer(
    Optional<String> asked,
    Optional<String> answered,
    Map<String, Integer> versions,
    OptionalDouble confidence,
    Optional<String> abstention,
    int promptTokens,
    int reusedTokens,
    int answerTokens,
    Optional<StopReason> stopReason,
    Timings timings,
    Duration duration,
    Optional<String> error) {

  /** Copies the versions. */
  public ObservedAnswer {
    Objects.requireNonNull(asked, "asked");
    Objects.requireNonNull(answered, "answered");
    versions = Map.copyOf(versions);
    Objects.requireNonNull(timings, "timings");
    Objects.requireNonNull(error, "error");
  }
}
