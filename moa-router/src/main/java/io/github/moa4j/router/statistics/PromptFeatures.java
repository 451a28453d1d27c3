package io.github.moa4j.router.statistics;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.FeatureSketch;

/**
 * What statistics keep of a prompt's states.
 *
 * @param domain whose statistics they are, for messages
 * @param states indices of those that are kept, ascending
 * @param width of a pooled state
 * @param sketch of states of that width
 */
record PromptFeatures(
    String domain, Pooling pooling, int[] states, int width, FeatureSketch sketch) {

  /**
   * Returns the features of the kept states, [state][features].
   *
   * @throws RouterException if the width or number of the prompt's states differs
   */
  float[][] of(PromptStates prompt) {
    requireFits(prompt);
    float[][] kept = new float[states.length][];
    for (int i = 0; i < states.length; i++) {
      kept[i] = sketch.apply(pooling.of(prompt, states[i])).clone();
    }
    return kept;
  }

  private void requireFits(PromptStates prompt) {
    int highest = states[states.length - 1];
    if (pooling.width(prompt.hiddenSize()) != width || prompt.numStates() <= highest) {
      throw new RouterException(
          ("The statistics of domain '%s' keep states up to %d of width %d, but a prompt has %d"
                  + " states of width %d. Use the base these statistics were started for.")
              .formatted(
                  domain, highest, width, prompt.numStates(), pooling.width(prompt.hiddenSize())));
    }
  }
}
