package io.github.moa4j.core.constraint.internal;

import java.util.Arrays;

/**
 * The tokens that may come next, told by the shorter of two lists.
 *
 * @param ids in no order, none twice
 * @param allowed whether these are the ones that may come, or all others of the model are
 * @param ends more that may come, which end the answer
 */
public record TokenMask(int[] ids, boolean allowed, int[] ends) {

  private static final int[] NONE = {};

  TokenMask(int[] ids, boolean allowed) {
    this(ids, allowed, NONE);
  }

  /** With tokens that end the answer. */
  TokenMask with(int[] more) {
    return new TokenMask(ids, allowed, more);
  }

  /**
   * Writes 1 for each id that may come and 0 for the others.
   *
   * @param from place of the first id
   * @param to place behind the last
   */
  public void write(byte[] flags, int from, int to) {
    Arrays.fill(flags, from, to, (byte) (allowed ? 0 : 1));
    byte flag = (byte) (allowed ? 1 : 0);
    for (int id : ids) {
      flags[from + id] = flag;
    }
    for (int id : ends) {
      if (from + id < to) { // a tokenizer may know more than the model
        flags[from + id] = 1;
      }
    }
  }
}
