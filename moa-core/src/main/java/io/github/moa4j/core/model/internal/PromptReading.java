package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Pieces.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * What a router sees of a prompt that the base reads piece by piece, beside others: the sums of its
 * states, block by block, so that they can be taken over with the keys of a block that was read
 * before, and the states of its last token. Not thread-safe.
 */
public final class PromptReading {

  private final int[] prompt;
  private final int depth;
  private final int block;
  private final int layers;
  private final List<float[][]> sums = new ArrayList<>(); // [depth + 1][hidden] of each block
  private final float[][] last; // [depth + 1][hidden]
  private int done;

  /**
   * Starts at the beginning of a prompt.
   *
   * @param prompt its tokens
   * @param depth number of layers to run; there is one state more
   * @param block tokens of a block
   */
  public PromptReading(Decoder decoder, int[] prompt, int depth, int block) {
    this.prompt = prompt;
    this.depth = depth;
    this.block = block;
    this.layers = decoder.config().numHiddenLayers();
    this.last = new float[depth + 1][decoder.config().hiddenSize()];
  }

  int depth() {
    return depth;
  }

  /** Whether the pass leaves all keys and values that the base would need to go on. */
  public boolean isOfAllLayers() {
    return depth == layers;
  }

  /** Returns how many tokens run through all layers in the time of so many through the pass's. */
  public int cost(int tokens) {
    return tokens * depth / layers;
  }

  /**
   * Takes over the next block, which was read in another prompt.
   *
   * @param blockSums its {@link #sums}
   */
  public void skip(float[][] blockSums) {
    sums.add(blockSums);
    done += block;
  }

  /** Returns the sums of the states of each block that was read, the last perhaps not whole. */
  public List<float[][]> sums() {
    return sums;
  }

  /** Returns the pooled states of the whole prompt. */
  public PromptStates states() {
    if (done < prompt.length) {
      throw new IllegalStateException("%d of %d tokens are read".formatted(done, prompt.length));
    }
    float[][] mean = new float[depth + 1][last[0].length];
    for (float[][] sum : sums) {
      for (int state = 0; state <= depth; state++) {
        for (int i = 0; i < mean[state].length; i++) {
          mean[state][i] += sum[state][i];
        }
      }
    }
    for (float[] state : mean) {
      for (int i = 0; i < state.length; i++) {
        state[i] /= prompt.length;
      }
    }
    return new PromptStates(mean, last, prompt);
  }

  /**
   * A pool of a pass.
   *
   * @param from index in the pass of its first token
   * @param end index behind its last one
   * @param target where the pooled states are added to, [depth + 1][hidden]
   */
  private record Pool(int from, int end, float[][] target) {}

  /** The pools of a pass: of each reading the sums of some blocks, and the last token. */
  static final class Pools {

    private final List<Pool> pools = new ArrayList<>();
    private final List<PromptReading> readings;
    private final List<Span> spans;
    private int tokens;

    Pools(List<PromptReading> readings, List<Span> spans) {
      this.readings = readings;
      this.spans = spans;
      for (Span span : spans) {
        readings.get(span.row()).addPools(pools, tokens, span.length());
        tokens += span.length();
      }
    }

    /** The weight of each token of the pass in each pool, f32 [pools, tokens]. */
    NDArray weights(NDManager scope) {
      float[] weights = new float[pools.size() * tokens];
      for (int pool = 0; pool < pools.size(); pool++) {
        for (int i = pools.get(pool).from; i < pools.get(pool).end; i++) {
          weights[pool * tokens + i] = 1;
        }
      }
      return scope.create(weights, new Shape(pools.size(), tokens));
    }

    /** Takes what the pass has pooled, [layers of the pass + 1, pools, hidden size]. */
    void add(float[] states) {
      for (int pool = 0; pool < pools.size(); pool++) {
        float[][] target = pools.get(pool).target;
        for (int state = 0; state < target.length; state++) {
          int at = (state * pools.size() + pool) * target[state].length;
          for (int i = 0; i < target[state].length; i++) {
            target[state][i] += states[at + i];
          }
        }
      }
      spans.forEach(span -> readings.get(span.row()).done += span.length());
    }
  }

  private void addPools(List<Pool> pools, int at, int tokens) {
    for (int from = 0; from < tokens; ) {
      int index = (done + from) / block;
      if (index == sums.size()) {
        sums.add(new float[depth + 1][last[0].length]);
      }
      int end = Math.min(tokens, (index + 1) * block - done);
      pools.add(new Pool(at + from, at + end, sums.get(index)));
      from = end;
    }
    if (done + tokens == prompt.length) {
      pools.add(new Pool(at + tokens - 1, at + tokens, last));
    }
  }
}
