package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Cell;
import io.github.moa4j.examples.study.report.page.Numbers;
import io.github.moa4j.examples.study.report.page.Plot;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.page.Spread;
import io.github.moa4j.examples.study.report.page.Table;
import io.github.moa4j.examples.study.report.records.CoveragePoint;
import io.github.moa4j.examples.study.report.records.RobustnessRow;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import io.github.moa4j.examples.study.report.records.UnknownDomainRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** How well the routers find a prompt's domain, and how well they know what they do not know. */
final class RoutingSections {

  private RoutingSections() {}

  static Section confusion(List<RoutingScore> routing) {
    boolean[] best =
        Table.best(routing.stream().mapToDouble(RoutingScore::accuracy).toArray(), true);
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < best.length; i++) {
      rows.add(
          List.of(
              Cell.of(routing.get(i).router()),
              Cell.best(Numbers.share(routing.get(i).accuracy()), best[i]),
              Cell.of(Numbers.share(routing.get(i).ece()))));
    }
    return Section.of(
            "routing",
            "Routing",
            "How often a router finds the domain of a validation prompt, measured on the states it"
                + " meets at inference; in the matrices a row is the true domain and a column the"
                + " chosen one, so that mistakes stand off the diagonal.",
            Table.of(
                "Routing accuracy and expected calibration error (ECE)",
                Table.columns("router", "accuracy", "ECE"),
                rows))
        .with(routing.stream().map(RoutingSections::matrix).toList());
  }

  private static Table matrix(RoutingScore score) {
    List<String> titles = new ArrayList<>(List.of("true \\ chosen"));
    titles.addAll(score.domains());
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < score.domains().size(); i++) {
      int[] counts = score.confusion()[i];
      double total = Math.max(1, Arrays.stream(counts).sum());
      List<Cell> row = new ArrayList<>(List.of(Cell.of(score.domains().get(i))));
      for (int count : counts) {
        row.add(Cell.heat(Numbers.count(count), count / total));
      }
      rows.add(row);
    }
    return Table.of("Confusion matrix: " + score.router(), Table.columns(titles), rows)
        .as(Table.MATRIX);
  }

  static Section calibration(List<RoutingScore> routing) {
    List<Plot.Series> reliability = new ArrayList<>();
    List<Plot.Series> coverage = new ArrayList<>();
    for (int i = 0; i < routing.size(); i++) {
      RoutingScore score = routing.get(i);
      List<Plot.Point> bins = new ArrayList<>();
      score.bins().stream()
          .filter(bin -> bin.count() > 0)
          .forEach(bin -> Plot.addFinite(bins, bin.confidence(), bin.accuracy()));
      reliability.add(new Plot.Series(score.router(), i, bins));
      List<Plot.Point> points = new ArrayList<>();
      score.coverage().forEach(p -> Plot.addFinite(points, p.coverage(), p.accuracy()));
      coverage.add(new Plot.Series(score.router(), i, points));
    }
    if (reliability.stream().anyMatch(series -> !series.points().isEmpty())) {
      List<Plot.Point> diagonal = List.of(new Plot.Point(0, 0), new Plot.Point(1, 1));
      reliability.add(new Plot.Series("perfectly calibrated", -1, diagonal));
    }
    return Section.of(
        "calibration",
        "Calibration and coverage",
        "Whether a router that is 80 % sure is right in 80 % of the cases (the nearer to the"
            + " diagonal, the better), and how right it is on what it decides when it abstains below"
            + " a threshold.",
        Plot.lines("Reliability", "confidence", "accuracy", reliability).withRange(0.0, 1.0),
        Plot.lines("Accuracy over coverage", "coverage", "accuracy", coverage),
        thresholds(routing));
  }

  private static Table thresholds(List<RoutingScore> routing) {
    TreeSet<Double> thresholds = new TreeSet<>();
    routing.forEach(s -> s.coverage().forEach(point -> thresholds.add(point.threshold())));
    List<String> titles = new ArrayList<>(List.of("threshold"));
    routing.forEach(s -> titles.addAll(List.of(s.router() + ": coverage", "accuracy")));
    List<List<Cell>> rows = new ArrayList<>();
    for (double threshold : thresholds) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(Numbers.fixed(threshold, 2))));
      for (RoutingScore score : routing) {
        CoveragePoint at =
            score.coverage().stream()
                .filter(point -> point.threshold() == threshold)
                .findFirst()
                .orElse(new CoveragePoint(threshold, Double.NaN, Double.NaN));
        row.add(Cell.of(Numbers.share(at.coverage())));
        row.add(Cell.of(Numbers.share(at.accuracy())));
      }
      rows.add(row);
    }
    return Table.of("Coverage and accuracy by threshold", Table.columns(titles), rows);
  }

  static Section robustness(List<RobustnessRow> forms) {
    List<String> routers = names(forms, RobustnessRow::accuracyByRouter);
    List<String> titles = new ArrayList<>(List.of("form of the prompt"));
    titles.addAll(routers);
    List<List<Cell>> rows = new ArrayList<>();
    for (RobustnessRow form : forms) {
      double[] values = values(form.accuracyByRouter(), routers);
      boolean[] best = Table.best(values, true);
      List<Cell> row = new ArrayList<>(List.of(Cell.of(form.form())));
      for (int i = 0; i < values.length; i++) {
        row.add(Cell.best(Numbers.share(values[i]), best[i]));
      }
      rows.add(row);
    }
    return Section.of(
        "robustness",
        "Routing of disturbed prompts",
        "Routing accuracy on prompts as people really write them; the best of each row is marked.",
        Table.of("Routing accuracy by form of the prompt", Table.columns(titles), rows));
  }

  static Section unknownDomains(List<UnknownDomainRow> unknown) {
    return Section.of(
        "unknown",
        "Text of no known domain",
        "How well the confidence tells known from unknown (AUROC: 1 is perfect, 0.5 is guessing), and"
            + " how much unknown text is accepted at the threshold that accepts 95 % of the known"
            + " (lower is better); each domain is left out once, the best of each row is marked.",
        unknownTable("AUROC", unknown, UnknownDomainRow::aurocByRouter, true),
        unknownTable(
            "False-accept rate at 95 % coverage",
            unknown, UnknownDomainRow::falseAcceptByRouter, false));
  }

  private static Table unknownTable(
      String caption,
      List<UnknownDomainRow> unknown,
      Function<UnknownDomainRow, Map<String, Double>> figures,
      boolean highest) {
    List<String> routers = names(unknown, figures);
    List<String> titles = new ArrayList<>(List.of("unknown"));
    titles.addAll(routers);
    List<List<Cell>> rows = new ArrayList<>();
    List<Cell> footer = new ArrayList<>();
    if (!routers.isEmpty()) {
      for (UnknownDomainRow one : unknown) {
        double[] values = values(figures.apply(one), routers);
        boolean[] best = Table.best(values, highest);
        List<Cell> row = new ArrayList<>(List.of(Cell.of(one.unknown())));
        for (int i = 0; i < values.length; i++) {
          row.add(Cell.best(Numbers.share(values[i]), best[i]));
        }
        rows.add(row);
      }
      footer.add(Cell.of("mean"));
      for (String router : routers) {
        Spread spread =
            Spread.of(
                unknown.stream()
                    .mapToDouble(o -> figures.apply(o).getOrDefault(router, Double.NaN)));
        footer.add(Cell.of(Numbers.share(spread.mean())));
      }
    }
    return Table.of(caption, Table.columns(titles), rows).withFooter(footer).as(Table.NARROW);
  }

  private static <T> List<String> names(
      List<T> rows, Function<T, ? extends Map<String, ?>> valuesByName) {
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(row -> names.addAll(valuesByName.apply(row).keySet()));
    return List.copyOf(names);
  }

  private static double[] values(Map<String, Double> byName, List<String> names) {
    return names.stream().mapToDouble(name -> byName.getOrDefault(name, Double.NaN)).toArray();
  }
}
