package io.github.moa4j.examples.study.measurement;

import java.io.PrintWriter;
import java.util.Locale;

/** A table as Markdown, printed row by row, since a row may take minutes to come. */
public final class MarkdownTable {

  private final PrintWriter out;

  public MarkdownTable(PrintWriter out, String title, String... columns) {
    this.out = out;
    out.println();
    out.println("### " + title);
    out.println();
    row((Object[]) columns);
    out.println("|" + "---|".repeat(columns.length));
    out.flush();
  }

  /** Prints a row; numbers with three digits that count, those that are NaN as a dash. */
  public void row(Object... cells) {
    StringBuilder line = new StringBuilder("|");
    for (Object cell : cells) {
      line.append(' ').append(cell instanceof Number n ? text(n.doubleValue()) : cell).append(" |");
    }
    out.println(line);
    out.flush();
  }

  /** A number with three digits behind the point, where small differences count. */
  public static String exact(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String text(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    int digits = value < 10 ? 2 : value < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}
