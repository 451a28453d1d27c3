package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The weights by which the kernel pools the states of each prompt's tokens. */
public final class PromptPools {

  private static final int BOTH = 2;

  private PromptPools() {}

  /** The weights of mean and last token of left-padded prompts, [rows, 2, length]. */
  static NDArray weights(NDManager scope, TokenBatch batch) {
    int[] ends = new int[batch.rows()];
    Arrays.fill(ends, batch.length());
    return weights(scope, Pooling.MEAN_AND_LAST, batch, batch.padding(), ends);
  }

  /** The weights of right-padded prompts, [rows, pools, length]. */
  public static NDArray weights(
      NDManager scope, Pooling pooling, TokenBatch batch, int[] promptLengths) {
    return weights(scope, pooling, batch, new int[batch.rows()], promptLengths);
  }

  private static NDArray weights(
      NDManager scope, Pooling pooling, TokenBatch batch, int[] starts, int[] ends) {
    int pools = pooling.width(1);
    int length = batch.length();
    float[] weights = new float[batch.rows() * pools * length];
    for (int row = 0; row < batch.rows(); row++) {
      int first = row * pools * length;
      if (pooling != Pooling.LAST) {
        float share = 1f / (ends[row] - starts[row]);
        Arrays.fill(weights, first + starts[row], first + ends[row], share);
      }
      if (pooling != Pooling.MEAN) {
        weights[first + (pools - 1) * length + ends[row] - 1] = 1;
      }
    }
    return scope.create(weights, new Shape(batch.rows(), pools, length));
  }

  /** Splits pooled states [layers + 1, rows, pools, hidden] by row. */
  static List<PromptStates> unpack(float[] states, int rows, int count) {
    int hidden = states.length / (count * rows * BOTH);
    List<PromptStates> result = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      float[][] mean = new float[count][hidden];
      float[][] last = new float[count][hidden];
      for (int state = 0; state < count; state++) {
        int start = (state * rows + row) * BOTH * hidden;
        System.arraycopy(states, start, mean[state], 0, hidden);
        System.arraycopy(states, start + hidden, last[state], 0, hidden);
      }
      result.add(new PromptStates(mean, last));
    }
    return result;
  }
}
