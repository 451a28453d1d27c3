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
}
