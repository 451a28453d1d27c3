package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import java.util.OptionalInt;

/**
 * How one request comes by its adapters: in two steps, so that what waits holds no adapter. Each
 * method is called in the order of their names here and of the two decisions only the one that
 * {@link #depth} asks for, at most once or, where it reads on, twice. Decisions and what comes
 * behind are called by a thread that is not the engine's: they may take their time. What they throw
 * is the failure of the request.
 */
public interface PromptRouting {

  /**
   * What {@link #decide(PromptStates)} returns where the states do not suffice: {@link #depth} says
   * from then on how many layers it takes, and the decision is asked for once more.
   */
  Object READ_ON = new Object();

  /**
   * Returns how many layers of the base's own pass over the prompt it has to see the states of;
   * empty if none, not even the embeddings.
   */
  OptionalInt depth();

  /**
   * Decides who answers, where no states have to be seen.
   *
   * @return a key with {@code equals}: where requests of several keys wait, they take turns
   */
  Object decide();

  /**
   * Decides who answers by what the base makes of the prompt.
   *
   * @param states of the base's own pass, as far as {@link #depth} says
   * @return a key as of {@link #decide()}, or {@link #READ_ON} the first time
   */
  Object decide(PromptStates states);

  /** Takes hold of the adapters, once there is room for the answer. */
  AdapterChoice hold();

  /** Gives everything back; called once in any case, before the end of the answer is told. */
  void release();
}
