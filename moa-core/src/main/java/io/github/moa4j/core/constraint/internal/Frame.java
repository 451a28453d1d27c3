package io.github.moa4j.core.constraint.internal;

/**
 * Where a rule goes on that has called another.
 *
 * @param entry of the called rule
 * @param limits how many characters its texts have; null for any number
 * @param need how often it must still be run through, this time included; where there are limits,
 *     how many more characters there must be
 * @param room how often it may still be, or how many more there may be
 * @param behind bytes at least from where it goes on to the end
 * @param depth how many rules are open, repetitions aside
 */
record Frame(
    int back,
    Frame parent,
    int entry,
    Graph.Limited limits,
    int need,
    int room,
    int behind,
    int depth) {

  /** The same behind some more repetitions or characters. */
  Frame less(int count) {
    return new Frame(
        back,
        parent,
        entry,
        limits,
        Math.max(need - count, 0),
        room == Graph.ENDLESS ? room : room - count,
        behind,
        depth);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Frame frame
        && frame.back == back
        && frame.parent == parent
        && frame.entry == entry
        && frame.need == need
        && frame.room == room;
  }

  @Override
  public int hashCode() {
    return (((31 * back + entry) * 31 + need) * 31 + room) * 31 + System.identityHashCode(parent);
  }
}
