package io.github.moa4j.training.personal;

/**
 * A part of a text.
 *
 * @param start its first character
 * @param end behind its last
 */
record Span(int start, int end) {

  Span from(int otherStart) {
    return new Span(otherStart, end);
  }

  boolean overlaps(Span other) {
    return start < other.end && other.start < end;
  }
}
