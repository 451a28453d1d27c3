package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Pieces.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The weights by which the kernel pools the states of each prompt's tokens. */
public final class PromptPools {

  private static final int BOTH = 2;

  private PromptPools() {}

  /**
   * The weights of mean and last token of prompts, [rows · 2, tokens of the spans]. Those of all
   * spans together make the pools.
   */
  static NDArray weights(NDManager scope, TokenBatch batch, List<Span> spans) {
    int[] lengths = new int[batch.rows()];
    Arrays.setAll(lengths, batch::length);
    return weights(scope, Pooling.MEAN_AND_LAST, lengths, spans);
  }

  /** The weights of the prompts that sequences begin with, [rows · pools, tokens]. */
  public static NDArray weights(
      NDManager scope, Pooling pooling, TokenBatch batch, int[] promptLengths) {
    return weights(scope, pooling, promptLengths, Pieces.whole(batch));
  }

  private static NDArray weights(
      NDManager scope, Pooling pooling, int[] lengths, List<Span> spans) {
    int pools = pooling.width(1);
    int tokens = spans.stream().mapToInt(Span::length).sum();
    float[] weights = new float[lengths.length * pools * tokens];
    int column = 0;
    for (Span span : spans) {
      int mean = span.row() * pools * tokens;
      int last = mean + (pools - 1) * tokens;
      int length = lengths[span.row()];
      for (int i = span.from(); i < span.end(); i++) {
        if (pooling != Pooling.LAST && i < length) {
          weights[mean + column] = 1f / length;
        }
        if (pooling != Pooling.MEAN && i == length - 1) {
          weights[last + column] = 1;
        }
        column++;
      }
    }
    return scope.create(weights, new Shape(lengths.length * (long) pools, tokens));
  }

  /** Splits pooled states [layers + 1, rows, pools, hidden] by row. */
  static List<PromptStates> unpack(float[] states, TokenBatch batch, int count) {
    int rows = batch.rows();
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
      result.add(new PromptStates(mean, last, batch.row(row)));
    }
    return result;
  }
}
