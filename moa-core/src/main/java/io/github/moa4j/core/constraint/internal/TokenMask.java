package io.github.moa4j.core.constraint.internal;

import java.util.Arrays;

/**
 * The tokens that may come next, told by the shorter of two lists.
 *
 * @param ids in no order, none twice
 * @param allowed whether these are the ones that may come, or all others of the model are
 */
public record TokenMask(int[] ids, boolean allowed) {

  /** With more tokens that may come. */
  TokenMask with(int[] more) {
    if (more.length == 0) {
      return this;
    }
    if (!allowed) {
      return new TokenMask(
          Arrays.stream(ids).filter(id -> Arrays.stream(more).noneMatch(m -> m == id)).toArray(),
          false);
    }
    int[] all = Arrays.copyOf(ids, ids.length + more.length);
    System.arraycopy(more, 0, all, ids.length, more.length);
    return new TokenMask(all, true);
  }
}
