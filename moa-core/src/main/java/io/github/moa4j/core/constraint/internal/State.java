package io.github.moa4j.core.constraint.internal;

import java.util.Set;

/** Where a text may be in a graph. Not thread-safe. */
final class State {

  private final Set<Place> places;
  private final boolean accepting;
  private final int distance;
  private final int depth;
  private State[] next;
  private Object note;

  State(Set<Place> places, boolean accepting, int distance, int depth) {
    this.places = places;
    this.accepting = accepting;
    this.distance = distance;
    this.depth = depth;
  }

  /** The places from which a byte leads on, and the end. */
  Set<Place> places() {
    return places;
  }

  /** Whether the text may end here. */
  boolean accepts() {
    return accepting;
  }

  /** The least number of bytes to an end. */
  int distance() {
    return distance;
  }

  /** How many rules are open at least. */
  int depth() {
    return depth;
  }

  /** Where a byte of a class leads; null if that has not been found yet. */
  State next(int byteClass) {
    return next == null ? null : next[byteClass];
  }

  /** Says where a byte of one of some classes leads. */
  void leads(int byteClass, int classes, State to) {
    if (next == null) {
      next = new State[classes];
    }
    next[byteClass] = to;
  }

  /** What somebody keeps beside this state while it is kept. */
  Object note() {
    return note;
  }

  void keep(Object value) {
    note = value;
  }

  /** Lets go of all that is kept beside it. */
  void forget() {
    note = null;
    next = null;
  }
}
