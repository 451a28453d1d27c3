package io.github.moa4j.router;

import io.github.moa4j.core.model.PromptStates;
import java.util.List;

/**
 * Tells which domain a prompt belongs to, and how sure that is. Implementations are immutable, safe
 * for use by many threads at once, and hold no native memory.
 */
public interface Router {

  /** Returns the domains this router knows, in the order of its scores; at least one. */
  List<String> domains();

  /**
   * Routes one prompt.
   *
   * @param states the pooled states of the prompt from the base's own pass
   * @return the decision for the whole sequence
   * @throws RouterException if the states do not have the width or the number this router needs
   */
  RoutingDecision route(PromptStates states);
}
