package io.github.moa4j.core.model;

import io.github.moa4j.core.MoaException;
import java.util.Objects;

/**
 * The hidden states of one prompt, each pooled over the prompt's tokens: what a router sees. They
 * stem from the base's own pass, without any adapter, and no answer token enters them.
 *
 * <p>With L decoder layers there are L + 1 states: index l &lt; L is the state that enters layer l
 * (index 0: the embeddings), index L is the state behind the final norm. A pass that stops early
 * holds the first states only.
 *
 * <p>The arrays are not copied: whoever creates the record hands them over.
 *
 * @param mean [state][hiddenSize]: the mean over the prompt's tokens
 * @param last [state][hiddenSize]: the state of the prompt's last token
 * @param tokens the prompt's tokens, which pooled states hold in no more than outline; empty where
 *     they are not known
 */
public record PromptStates(float[][] mean, float[][] last, int[] tokens) {

  /**
   * Checks that both poolings hold the same states of one width.
   *
   * @throws IllegalArgumentException if the shapes differ or there is no state
   * @throws MoaException if a value is NaN or infinite
   */
  public PromptStates {
    Objects.requireNonNull(mean, "mean");
    Objects.requireNonNull(last, "last");
    Objects.requireNonNull(tokens, "tokens");
    if (mean.length == 0 || mean.length != last.length) {
      throw new IllegalArgumentException(
          "Prompt states need the same number of states, at least one, in both poolings, but mean"
              + " has "
              + mean.length
              + " and last has "
              + last.length
              + ".");
    }
    int hiddenSize = Objects.requireNonNull(mean[0], "mean[0]").length;
    requireRows(mean, hiddenSize, "mean");
    requireRows(last, hiddenSize, "last");
  }

  /** Creates the states of a prompt whose tokens are not known. */
  public PromptStates(float[][] mean, float[][] last) {
    this(mean, last, new int[0]);
  }

  /** Returns the number of states, L + 1 for a whole pass. */
  public int numStates() {
    return mean.length;
  }

  /** Returns the width of a state. */
  public int hiddenSize() {
    return mean[0].length;
  }

  private static void requireRows(float[][] rows, int hiddenSize, String pooling) {
    for (int state = 0; state < rows.length; state++) {
      float[] row = Objects.requireNonNull(rows[state], pooling + " state");
      if (row.length != hiddenSize || hiddenSize == 0) {
        throw new IllegalArgumentException(
            "Prompt states need one width above 0, but "
                + pooling
                + " state "
                + state
                + " has "
                + row.length
                + " values where the first has "
                + hiddenSize
                + ".");
      }
      for (float value : row) {
        if (!Float.isFinite(value)) {
          throw new MoaException(
              "The prompt's "
                  + pooling
                  + "-pooled state "
                  + state
                  + " holds NaN or infinity, so it cannot be routed. Compute the base in f32 or"
                  + " bf16 instead of f16, or check its weights.");
        }
      }
    }
  }
}
