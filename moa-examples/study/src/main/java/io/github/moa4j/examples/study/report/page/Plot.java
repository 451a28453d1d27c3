package io.github.moa4j.examples.study.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * A plot, drawn in the reader's browser.
 *
 * @param title what it shows
 * @param type {@code line} or {@code bar}
 * @param xLabel of the horizontal axis
 * @param yLabel of the vertical axis
 * @param categories names of the bars, empty for lines
 * @param series lines or sets of bars; those without a point are left out
 * @param yMin least value of the vertical axis, or null
 * @param yMax greatest value of the vertical axis, or null
 */
public record Plot(
    String title,
    String type,
    String xLabel,
    String yLabel,
    List<String> categories,
    List<Series> series,
    Double yMin,
    Double yMax)
    implements Block {

  /**
   * A line or a set of bars.
   *
   * @param colour its place in the palette; negative for a thin grey line of reference
   */
  public record Series(String name, int colour, List<Point> points) {}

  /** A point; for bars, x is the place of the category. */
  public record Point(double x, double y) {}

  public Plot {
    series = series.stream().filter(one -> !one.points().isEmpty()).toList();
  }

  @Override
  public boolean blank() {
    return series.isEmpty();
  }

  public static Plot lines(String title, String xLabel, String yLabel, List<Series> series) {
    return new Plot(title, "line", xLabel, yLabel, List.of(), series, null, null);
  }

  public static Plot bars(
      String title, String xLabel, List<String> categories, List<Double> values) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      addFinite(points, i, values.get(i));
    }
    Series series = new Series(xLabel, 0, points);
    return new Plot(title, "bar", xLabel, "", categories, List.of(series), null, null);
  }

  public Plot withRange(Double min, Double max) {
    return new Plot(title, type, xLabel, yLabel, categories, series, min, max);
  }

  /** Adds a point if it can be drawn. */
  public static void addFinite(List<Point> points, double x, double y) {
    if (Double.isFinite(x) && Double.isFinite(y)) {
      points.add(new Point(x, y));
    }
  }
}
