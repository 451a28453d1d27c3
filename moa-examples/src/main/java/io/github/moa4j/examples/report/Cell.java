package io.github.moa4j.examples.report;

/**
 * A cell of a table.
 *
 * @param text what it says
 * @param style {@code best}, {@code good}, {@code bad}, {@code muted}, {@code heat}, {@code cold},
 *     or empty
 * @param heat strength of the background of {@code heat} and {@code cold}, 0 to 100
 */
record Cell(String text, String style, int heat) {

  static Cell of(String text) {
    return new Cell(text, "", 0);
  }

  static Cell best(String text, boolean best) {
    return new Cell(text, best ? "best" : "", 0);
  }

  static Cell yesNo(boolean yes) {
    return new Cell(yes ? "✓ yes" : "✗ no", yes ? "good" : "bad", 0);
  }

  /** A cell of a heat map; a negative share is shown in another colour. */
  static Cell heat(String text, double share) {
    if (Double.isNaN(share)) {
      return new Cell(text, "muted", 0);
    }
    int heat = (int) Math.round(100 * Math.min(1, Math.abs(share)));
    return new Cell(text, heat == 0 ? "muted" : share < 0 ? "cold" : "heat", heat);
  }
}
