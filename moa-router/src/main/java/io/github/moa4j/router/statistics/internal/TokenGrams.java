package io.github.moa4j.router.statistics.internal;

import java.util.Arrays;

/**
 * What is counted of a prompt's tokens: each token, and each pair of neighbours, the first one's
 * beginning included. They are sorted into a fixed number of bins (feature hashing; Weinberger et
 * al., 2009), by their ids alone; a bin counts once, however often the prompt has it.
 */
public final class TokenGrams {

  /** How many bins there are. */
  public static final int BINS = 1 << 15;

  private static final long MIX = 0x9E3779B97F4A7C15L; // odd, without a pattern
  private static final int SHIFT = 29;
  private static final int TURN = 23; // so that a pair has an order

  private TokenGrams() {}

  /** Returns the bins of a prompt's tokens, ascending, each once. */
  public static int[] of(int[] tokens) {
    int[] bins = new int[2 * tokens.length];
    long before = 0;
    for (int i = 0; i < tokens.length; i++) {
      long token = mixed(tokens[i] + 1L);
      bins[2 * i] = (int) (token & (BINS - 1));
      bins[2 * i + 1] = (int) (mixed(Long.rotateLeft(before, TURN) + token) & (BINS - 1));
      before = token;
    }
    return Arrays.stream(bins).sorted().distinct().toArray();
  }

  private static long mixed(long value) {
    long mixed = value * MIX;
    mixed = (mixed ^ (mixed >>> SHIFT)) * MIX;
    return mixed ^ (mixed >>> SHIFT);
  }
}
