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
 * @param sharing with whom it shares what the model computes
 */
public record GenerationRequest(
    int[] prompt, PromptRouting routing, GenerationOptions options, Sharing sharing) {

  /**
   * With whom a request shares what the model computes.
   *
   * @param group requests of equal groups, and no others, find each other's keys and values
   * @param apart whether no pass of the model computes for this request and for one of another
   *     group at once
   */
  public record Sharing(Object group, boolean apart) {

    /** All requests that say nothing else share everything. */
    public static final Sharing EVERYTHING = new Sharing("", false);

    private static final Object TOGETHER = new Object();

    /** Returns what is equal for two requests if one pass may compute for both. */
    public Object pass() {
      return apart ? group : TOGETHER;
    }
  }

  /** Validates the components. */
  public GenerationRequest {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("The prompt is empty: it needs at least one token");
    }
  }

  /** Creates a request that shares everything with all others of that kind. */
  public GenerationRequest(int[] prompt, PromptRouting routing, GenerationOptions options) {
    this(prompt, routing, options, Sharing.EVERYTHING);
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
