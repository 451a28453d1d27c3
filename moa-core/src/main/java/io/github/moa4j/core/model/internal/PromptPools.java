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

  /**
   * The weights of mean and last token in some columns of left-padded prompts, [rows, 2, end -
   * from]. Those of all columns together make the pools.
   */
  static NDArray weights(NDManager scope, TokenBatch batch, int from, int end) {
    int[] ends = new int[batch.rows()];
    Arrays.fill(ends, batch.length());
    return weights(scope, Pooling.MEAN_AND_LAST, batch.padding(), ends, from, end);
  }

  /** The weights of right-padded prompts, [rows, pools, length]. */
  public static NDArray weights(
      NDManager scope, Pooling pooling, TokenBatch batch, int[] promptLengths) {
    return weights(scope, pooling, new int[batch.rows()], promptLengths, 0, batch.length());
  }

  private static NDArray weights(
      NDManager scope, Pooling pooling, int[] starts, int[] ends, int from, int end) {
    int rows = starts.length;
    int pools = pooling.width(1);
    int length = end - from;
    float[] weights = new float[rows * pools * length];
    for (int row = 0; row < rows; row++) {
      int mean = row * pools * length;
      int last = mean + (pools - 1) * length;
      for (int column = Math.max(starts[row], from); column < Math.min(ends[row], end); column++) {
        if (pooling != Pooling.LAST) {
          weights[mean + column - from] = 1f / (ends[row] - starts[row]);
        }
        if (pooling != Pooling.MEAN) {
          weights[last + column - from] = column == ends[row] - 1 ? 1 : 0;
        }
      }
    }
    return scope.create(weights, new Shape(rows, pools, length));
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
