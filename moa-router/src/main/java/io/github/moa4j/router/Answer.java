package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationResult;
import java.time.Duration;

/**
 * An answer of a mixture.
 *
 * @param generation text, tokens, stop reason and timings
 * @param decision which domain answered, and how sure the router was
 * @param routing time that the decision took
 */
public record Answer(GenerationResult generation, RoutingDecision decision, Duration routing) {

  /** Returns the text of the answer. */
  public String text() {
    return generation.text();
  }
}
