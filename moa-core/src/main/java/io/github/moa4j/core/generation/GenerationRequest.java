package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.AdapterChoice;

/**
 * One answer to be generated.
 *
 * @param prompt token ids, at least one
 * @param choice the adapters that prompt and answer run through
 * @param options sampling and stop conditions
 */
public record GenerationRequest(int[] prompt, AdapterChoice choice, GenerationOptions options) {

  /** Validates the components. */
  public GenerationRequest {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("The prompt is empty: it needs at least one token");
    }
  }

  /**
   * How many of the prompt's first tokens are the base's own pass: all but the last for the base,
   * whose logits are to be computed, else those before the adapters' first token.
   */
  int tokensBeforeAdapters() {
    int before = choice.adapters().isEmpty() ? prompt.length : choice.fromPosition();
    return Math.min(before, prompt.length - 1);
  }
}
