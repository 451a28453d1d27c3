package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * What one forward pass reads: the new tokens of some sequences one behind the other, where they
 * stand, and the adapters they run through. The arrays stay owned by whoever made them.
 *
 * @param tokens ids i64 [tokens]
 * @param positions of each in its sequence, i64 [tokens]
 * @param sequences slot in the cache, tokens there and new tokens of each
 * @param longest keys of the longest row, where there is one new token for each of the first slots
 *     of a cache, and all rows are to attend over as many at once; else 0
 * @param frequencies of the rotary positions, f32 [1 or tokens, turned dims / 2]; [2, 1 or tokens,
 *     turned dims / 2] where layers with a window have others
 * @param parts the adapters at work; {@code decoder.torchscript} says what each consists of
 */
public record DecoderPass(
    NDArray tokens,
    NDArray positions,
    long[] sequences,
    long longest,
    NDArray frequencies,
    Parts parts) {

  /**
   * Adapters at work on ranges of the tokens. Where there is none, {@code adapters}, {@code gates}
   * and {@code vocabulary} hold one empty element.
   *
   * @param adapters the tensors of each by layer
   * @param ranges first token and number of tokens of each
   * @param gates how strongly each acts: empty for 1 throughout, else f32 [1 or layers, tokens of
   *     the range, adapters side by side]
   * @param vocabulary what each does to the embedding and the head; mostly an empty list
   * @param groups which of the adapters that share one part act on which token; else empty
   * @param gating how every token chooses among the ranks of the only adapter: their number i64
   *     [1], weight and bias; empty for plain adapters
   */
  public record Parts(
      List<TensorList> adapters,
      long[] ranges,
      List<NDArray> gates,
      List<TensorList> vocabulary,
      List<NDArray> groups,
      List<NDArray> gating) {}

  /** Returns this pass through other adapters. */
  public DecoderPass with(Parts other) {
    return new DecoderPass(tokens, positions, sequences, longest, frequencies, other);
  }
}
