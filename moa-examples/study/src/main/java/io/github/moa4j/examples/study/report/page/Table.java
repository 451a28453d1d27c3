package io.github.moa4j.examples.study.report.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * A table whose first column names the rows.
 *
 * @param caption what it shows
 * @param columns headers; a header that ends in {@link #TEXT} is of a column of text, the others
 *     hold figures
 * @param rows as many cells each as there are columns
 * @param footer a last row that sums up, or empty
 * @param layout {@link #WIDE}, {@link #NARROW} or {@link #MATRIX}
 */
public record Table(
    String caption, List<Column> columns, List<List<Cell>> rows, List<Cell> footer, String layout)
    implements Block {

  /** The layout of a table that takes a row of the page for itself. */
  static final String WIDE = "wide";

  /** The layout of tables of which several may stand side by side. */
  public static final String NARROW = "narrow";

  /** The layout of a square of figures, with upright headers. */
  public static final String MATRIX = "matrix";

  private static final String TEXT = ":text";

  /** A column's header and whether its cells are text. */
  record Column(String name, boolean text) {}

  public Table {
    rows = List.copyOf(rows);
    footer = List.copyOf(footer);
  }

  @Override
  public boolean blank() {
    return rows.isEmpty();
  }

  public static Table of(String caption, List<Column> columns, List<List<Cell>> rows) {
    return new Table(caption, columns, rows, List.of(), WIDE);
  }

  public Table withFooter(List<Cell> cells) {
    return new Table(caption, columns, rows, cells, layout);
  }

  public Table as(String otherLayout) {
    return new Table(caption, columns, rows, footer, otherLayout);
  }

  /** Columns of these names: the first is text, as is each that ends in {@code :text}. */
  public static List<Column> columns(String... names) {
    return columns(Arrays.asList(names));
  }

  public static List<Column> columns(List<String> names) {
    List<Column> columns = new ArrayList<>();
    for (String name : names) {
      boolean text = name.endsWith(TEXT);
      String title = text ? name.substring(0, name.length() - TEXT.length()) : name;
      columns.add(new Column(title, text || columns.isEmpty()));
    }
    return List.copyOf(columns);
  }

  public static List<Cell> row(String... cells) {
    return Arrays.stream(cells).map(Cell::of).toList();
  }

  /** The places of the best value, or none where there is nothing to choose from. */
  public static boolean[] best(double[] values, boolean highest) {
    DoubleSummaryStatistics measured =
        Arrays.stream(values).filter(v -> !Double.isNaN(v)).summaryStatistics();
    boolean[] best = new boolean[values.length];
    if (measured.getMax() > measured.getMin()) {
      double bound = highest ? measured.getMax() : measured.getMin();
      for (int i = 0; i < best.length; i++) {
        best[i] = values[i] == bound;
      }
    }
    return best;
  }
}
