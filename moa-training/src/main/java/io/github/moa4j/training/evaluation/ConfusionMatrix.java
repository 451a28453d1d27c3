package io.github.moa4j.training.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Counts which label was chosen where which was right. Labels stand in the order in which they were
 * named first; one that is only ever chosen, such as the base's, has a column and no row. Not
 * thread-safe.
 */
public final class ConfusionMatrix {

  private final Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
  private final List<String> columns = new ArrayList<>();

  /** Creates an empty matrix with rows and columns of these labels; more can come later. */
  public ConfusionMatrix(List<String> labels) {
    for (String label : labels) {
      addRow(label);
    }
  }

  /** Counts one decision. */
  public void add(String expected, String chosen) {
    addRow(expected);
    addColumn(chosen);
    counts.get(expected).merge(chosen, 1L, Long::sum);
  }

  private void addRow(String label) {
    counts.computeIfAbsent(label, row -> new LinkedHashMap<>());
    addColumn(label);
  }

  private void addColumn(String label) {
    if (!columns.contains(label)) {
      columns.add(label);
    }
  }

  /** Returns the labels that can be right, in order. */
  public List<String> expectedLabels() {
    return List.copyOf(counts.keySet());
  }

  /** Returns the labels that can be chosen, in order. */
  public List<String> chosenLabels() {
    return List.copyOf(columns);
  }

  /** Returns how often a label was chosen where another, or the same, was right. */
  public long count(String expected, String chosen) {
    return counts.getOrDefault(expected, Map.of()).getOrDefault(chosen, 0L);
  }

  /** Returns how often a label was right. */
  public long total(String expected) {
    return counts.getOrDefault(expected, Map.of()).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Returns the share of decisions that were right; NaN if there were none. */
  public double accuracy() {
    long right = counts.keySet().stream().mapToLong(label -> count(label, label)).sum();
    return (double) right / counts.keySet().stream().mapToLong(this::total).sum();
  }

  /** Returns the share of right decisions where this label was right; NaN if it never was. */
  public double recall(String expected) {
    return (double) count(expected, expected) / total(expected);
  }

  /**
   * Returns the matrix as text, lines ended by a newline: a line a label that can be right, a
   * column a label that can be chosen, recall at the end; a dot stands for none.
   */
  @Override
  public String toString() {
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("expected \\ chosen"));
    header.addAll(columns);
    header.add("recall");
    rows.add(header);
    for (String expected : counts.keySet()) {
      List<String> row = new ArrayList<>(List.of(expected));
      for (String chosen : columns) {
        long count = count(expected, chosen);
        row.add(count == 0 ? "." : Long.toString(count));
      }
      row.add(percent(recall(expected)));
      rows.add(row);
    }
    return layOut(rows);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  private static String layOut(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length()));
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      text.append(row.get(0)).append(" ".repeat(widths[0] - row.get(0).length()));
      for (int i = 1; i < row.size(); i++) {
        text.append("  ").append(" ".repeat(widths[i] - row.get(i).length())).append(row.get(i));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
