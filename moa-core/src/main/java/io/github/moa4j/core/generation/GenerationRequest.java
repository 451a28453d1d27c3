package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import java.util.OptionalInt;

/**
 * One answer to be generated.
 *
 * @param prompt token ids, at least one
 * @param routing chooses the adapters that prompt and answer run through
 * @param options sampling and stop conditions
 */
public record GenerationRequest(int[] prompt, PromptRouting routing, GenerationOptions options) {

  /** Validates the components. */
  public GenerationRequest {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("The prompt is empty: it needs at least one token");
    }
  }

  /**
   * Creates a request whose adapters are known.
   *
   * @param choice the adapters that prompt and answer run through; they stay open until the end
   */
  public GenerationRequest(int[] prompt, AdapterChoice choice, GenerationOptions options) {
    this(prompt, new Known(choice), options);
  }

  /** The choice that a request came with; nothing has to be waited for. */
  record Known(AdapterChoice choice) implements PromptRouting {

    @Override
    public OptionalInt depth() {
      return OptionalInt.empty();
    }

    @Override
    public Object decide() {
      return choice.adapters();
    }

    @Override
    public Object decide(PromptStates states) {
      throw new IllegalStateException("The choice is known already");
    }

    @Override
    public AdapterChoice hold() {
      return choice;
    }

    @Override
    public void release() {
      // The caller holds the adapters.
    }
  }
}
