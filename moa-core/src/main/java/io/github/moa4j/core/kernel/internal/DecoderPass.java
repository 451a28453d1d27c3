package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * What one forward pass reads: tokens, which of them count, where they stand, and the adapters they
 * run through. The arrays stay owned by whoever made them.
 *
 * @param tokens ids i64 [rows, tokens]
 * @param visible i64 [rows, past and new tokens or more]: 0 on left padding; empty without padding
 * @param frequencies of the rotary positions, f32 [1 or rows, turned dims / 2]
 * @param adapters the eight fused arrays of each distinct adapter
 * @param gates how strongly each acts: empty for 1 throughout, else f32 [1 or layers, rows ·
 *     tokens, 1 or blocks]
 * @param block the rank of one block, where an adapter consists of several
 * @param gating how every token chooses among the blocks of the only adapter: their number i64 [1],
 *     weight and bias; empty for plain adapters
 */
public record DecoderPass(
    NDArray tokens,
    NDArray visible,
    NDArray frequencies,
    List<NDArray> adapters,
    List<NDArray> gates,
    long block,
    List<NDArray> gating) {

  /** Returns this pass with another choice among the blocks of its only adapter. */
  public DecoderPass withBlocks(List<NDArray> newGates, long newBlock, List<NDArray> newGating) {
    return new DecoderPass(tokens, visible, frequencies, adapters, newGates, newBlock, newGating);
  }
}
