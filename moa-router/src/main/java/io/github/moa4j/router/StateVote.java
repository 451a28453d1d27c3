package io.github.moa4j.router;

import java.util.Map;

/**
 * What one state of the model says about a prompt's domain.
 *
 * @param state index of the state, as in {@link io.github.moa4j.core.model.PromptStates}
 * @param probabilities domain to probability, in the router's order; they sum to 1
 */
public record StateVote(int state, Map<String, Double> probabilities) {

  /** Checks that the index is not negative and that the probabilities sum to 1. */
  public StateVote {
    if (state < 0) {
      throw new IllegalArgumentException(
          "A state's vote needs an index of 0 or more, not " + state);
    }
    probabilities = NamedProbabilities.of(probabilities);
  }

  /** Returns the most probable domain. */
  public String domain() {
    return NamedProbabilities.of(probabilities).mostProbable();
  }
}
