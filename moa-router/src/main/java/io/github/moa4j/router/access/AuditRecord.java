package io.github.moa4j.router.access;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Something that was done for a caller, without a word of the question or of the answer.
 *
 * @param at when
 * @param question which question, by a random id
 * @param event what was done
 * @param caller who asked; empty for nobody in particular
 * @param asked the domain that the caller named, whether it may or not; empty if it named none, or
 *     one that does not exist
 * @param domain that was chosen; empty where the base answers alone, or nothing was decided
 * @param versions of the adapters that answer, by domain
 * @param confidence of the router, from 0 to 1; empty where none decided
 * @param abstention why the base answers alone; empty if it does not
 * @param promptTokens of the prompt, and
 * @param answerTokens of the answer; both 0 before its end, and where it failed
 * @param error the simple name of the exception that the caller gets; empty if it gets none
 */
public record AuditRecord(
    Instant at,
    String question,
    Event event,
    Optional<String> caller,
    Optional<String> asked,
    Optional<String> domain,
    Map<String, Integer> versions,
    OptionalDouble confidence,
    Optional<String> abstention,
    int promptTokens,
    int answerTokens,
    Optional<String> error) {

  /** What is done for a caller. */
  public enum Event {
    /** It was told which domain a question belongs to, and gets no answer. */
    ROUTED,
    /** An answer begins: nothing of it has been generated yet. */
    BEGUN,
    /** An answer has ended, or a question was refused: then nothing of it was {@link #BEGUN}. */
    ENDED
  }

  /** Copies the versions. */
  public AuditRecord {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(event, "event");
    versions = Map.copyOf(versions);
  }
}
