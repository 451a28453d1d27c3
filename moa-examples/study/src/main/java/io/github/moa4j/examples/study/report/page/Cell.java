package io.github.moa4j.examples.study.report.page;

import java.util.function.DoubleFunction;

/**
 * A cell of a table.
 *
 * @param text what it says
 * @param detail what is added in small print, such as a standard deviation, or empty
 * @param style {@code best}, {@code good}, {@code bad}, {@code muted}, {@code heat}, {@code cold},
 *     or empty
 * @param heat strength of the background of {@code heat} and {@code cold}, 0 to 100
 */
public record Cell(String text, String detail, String style, int heat) {

  public static Cell of(String text) {
    return styled(text, "");
  }

  public static Cell styled(String text, String style) {
    return new Cell(text, "", style, 0);
  }

  public static Cell best(String text, boolean best) {
    return styled(text, best ? "best" : "");
  }

  /** A mean with its standard deviation, if there are several values. */
  public static Cell of(Spread spread, DoubleFunction<String> format) {
    return best(spread, format, false);
  }

  /** A mean with its standard deviation, if there are several values. */
  public static Cell best(Spread spread, DoubleFunction<String> format, boolean best) {
    String deviation = spread.count() < 2 ? "" : "± " + format.apply(spread.deviation());
    return new Cell(format.apply(spread.mean()), deviation, best ? "best" : "", 0);
  }

  public static Cell yesNo(boolean yes) {
    return styled(yes ? "✓ yes" : "✗ no", yes ? "good" : "bad");
  }

  /** A cell of a heat map; a negative share is shown in another colour. */
  public static Cell heat(String text, double share) {
    if (Double.isNaN(share)) {
      return styled(text, "muted");
    }
    int heat = (int) Math.round(100 * Math.min(1, Math.abs(share)));
    return new Cell(text, "", heat == 0 ? "muted" : share < 0 ? "cold" : "heat", heat);
  }
}
