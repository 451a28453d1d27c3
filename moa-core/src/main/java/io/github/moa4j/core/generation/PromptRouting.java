package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import java.util.List;
import java.util.OptionalInt;

/**
 * How one request comes by its adapters: in two steps, so that what waits holds no adapter. Each
 * method is called at most once, in the order of their names here, by a thread that is not the
 * engine's: they may take their time. What they throw is the failure of the request.
 */
public interface PromptRouting {

  /**
   * Returns how many layers of the base's own pass over the prompt it has to see the states of;
   * empty if none, not even the embeddings.
   */
  OptionalInt depth();

  /**
   * Decides who answers.
   *
   * @param states of the base's own pass, as far as {@link #depth} says
   * @return a key with {@code equals}: where requests of several keys wait, they take turns
   */
  Object decide(List<PromptStates> states);

  /** Takes hold of the adapters, once there is room for the answer. */
  AdapterChoice hold();

  /** Gives everything back; called once in any case, before the end of the answer is told. */
  void release();
}
