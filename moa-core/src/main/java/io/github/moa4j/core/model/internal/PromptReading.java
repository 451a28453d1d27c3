package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Pieces.Span;
import java.util.List;

/**
 * What a router sees of a prompt that the base reads piece by piece, beside others. Not
 * thread-safe.
 */
public final class PromptReading {

  private static final int POOLS = 2; // the sum, and the last token

  private final int length;
  private final int depth;
  private final boolean ofAllLayers;
  private final float[][] mean;
  private final float[][] last;
  private int done;

  /**
   * Starts at the beginning of a prompt.
   *
   * @param length tokens of the prompt
   * @param depth number of layers to run; there is one state more
   */
  public PromptReading(Decoder decoder, int length, int depth) {
    this.length = length;
    this.depth = depth;
    this.ofAllLayers = depth == decoder.config().numHiddenLayers();
    this.mean = new float[depth + 1][decoder.config().hiddenSize()];
    this.last = new float[depth + 1][decoder.config().hiddenSize()];
  }

  int depth() {
    return depth;
  }

  /** Whether the pass leaves all keys and values that the base would need to go on. */
  public boolean isOfAllLayers() {
    return ofAllLayers;
  }

  /** Returns the pooled states of the whole prompt. */
  public PromptStates states() {
    if (done < length) {
      throw new IllegalStateException("%d of %d tokens are read".formatted(done, length));
    }
    return new PromptStates(mean, last);
  }

  /** The weights of the tokens of a pass in the pools of its readings, [readings · 2, tokens]. */
  static NDArray weights(NDManager scope, List<PromptReading> readings, List<Span> spans) {
    int tokens = spans.stream().mapToInt(Span::length).sum();
    float[] weights = new float[spans.size() * POOLS * tokens];
    int column = 0;
    for (int pool = 0; pool < spans.size(); pool++) {
      PromptReading reading = readings.get(spans.get(pool).row());
      int sum = pool * POOLS * tokens;
      int length = spans.get(pool).length();
      for (int i = 0; i < length; i++) {
        weights[sum + column + i] = 1f / reading.length;
      }
      column += length;
      if (reading.done + length == reading.length) {
        weights[sum + tokens + column - 1] = 1;
      }
    }
    return scope.create(weights, new Shape((long) spans.size() * POOLS, tokens));
  }

  /** Adds what a pass has pooled, [layers of the pass + 1, spans · 2, hidden size]. */
  static void add(float[] states, List<PromptReading> readings, List<Span> spans) {
    for (int pool = 0; pool < spans.size(); pool++) {
      PromptReading reading = readings.get(spans.get(pool).row());
      int hidden = reading.mean[0].length;
      for (int state = 0; state <= reading.depth; state++) {
        int at = (state * spans.size() + pool) * POOLS * hidden;
        for (int i = 0; i < hidden; i++) {
          reading.mean[state][i] += states[at + i];
          reading.last[state][i] += states[at + hidden + i];
        }
      }
      reading.done += spans.get(pool).length();
    }
  }
}
