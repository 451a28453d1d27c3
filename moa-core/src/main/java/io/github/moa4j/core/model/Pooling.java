package io.github.moa4j.core.model;

import java.util.Arrays;

/** How the states of a prompt's tokens become one vector. */
public enum Pooling {
  /** The mean over the prompt's tokens. */
  MEAN,
  /**
   * The last token's state. Where a chat template ends every prompt with the same token, this is a
   * constant in the first state.
   */
  LAST,
  /**
   * The mean and, behind it, the last token's state: what the prompt is about, and how it ends. It
   * tells more than both apart, as a classifier can weigh the one by the other.
   */
  MEAN_AND_LAST;

  /**
   * Pools one state of a prompt.
   *
   * @param states the prompt's states
   * @param state index of the state
   * @return [{@link #width}], perhaps not a copy
   */
  public float[] of(PromptStates states, int state) {
    float[] mean = states.mean()[state];
    float[] last = states.last()[state];
    return switch (this) {
      case MEAN -> mean;
      case LAST -> last;
      case MEAN_AND_LAST -> {
        float[] both = Arrays.copyOf(mean, mean.length + last.length);
        System.arraycopy(last, 0, both, mean.length, last.length);
        yield both;
      }
    };
  }

  /** Returns the width of a pooled state of a model of that hidden size. */
  public int width(int hiddenSize) {
    return this == MEAN_AND_LAST ? Math.multiplyExact(2, hiddenSize) : hiddenSize;
  }
}
