package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** How the kernel pools a prompt's states: row 0 the mean of its tokens, row 1 the last one. */
final class PromptPools {

  private static final int POOLS = 2;

  private PromptPools() {}

  /** The pooling weights [rows, pools, length]. */
  static NDArray weights(NDManager scope, TokenBatch batch) {
    int length = batch.length();
    float[] pools = new float[batch.rows() * POOLS * length];
    for (int row = 0; row < batch.rows(); row++) {
      int padding = batch.padding()[row];
      int mean = row * POOLS * length;
      for (int token = padding; token < length; token++) {
        pools[mean + token] = 1f / (length - padding);
      }
      pools[mean + length + length - 1] = 1;
    }
    return scope.create(pools, new Shape(batch.rows(), POOLS, length));
  }

  /** Splits pooled states [layers + 1, rows, pools, hidden] by row. */
  static List<PromptStates> unpack(float[] states, int rows, int count) {
    int hidden = states.length / (count * rows * POOLS);
    List<PromptStates> result = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      float[][] mean = new float[count][hidden];
      float[][] last = new float[count][hidden];
      for (int state = 0; state < count; state++) {
        int start = (state * rows + row) * POOLS * hidden;
        System.arraycopy(states, start, mean[state], 0, hidden);
        System.arraycopy(states, start + hidden, last[state], 0, hidden);
      }
      result.add(new PromptStates(mean, last));
    }
    return result;
  }
}
