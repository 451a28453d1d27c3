package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Cell;
import io.github.moa4j.examples.study.report.page.Numbers;
import io.github.moa4j.examples.study.report.page.Plot;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.page.Table;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.report.records.AdaptationFigures;
import io.github.moa4j.examples.study.report.records.InterferenceFigures;
import io.github.moa4j.examples.study.report.records.LearningCurvePoint;
import io.github.moa4j.examples.study.report.records.TwoDomainRow;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.DoubleStream;

/** The adapters between themselves, and how they are learned. */
final class AdapterSections {

  private AdapterSections() {}

  static Section interference(Optional<InterferenceFigures> figures) {
    Section section =
        Section.of(
            "interference",
            "Interference between adapters",
            "How much two adapters pull at the same weights: 0 is not at all, 1 is the same; colours"
                + " are scaled to the greatest figure off the diagonal, orange is negative.");
    return figures
        .map(
            f ->
                section.with(
                    List.of(
                        matrix("Cosine of the deltas", f.adapters(), f.cosine()),
                        matrix("Overlap of what they read", f.adapters(), f.rowSpaceAngle()),
                        matrix("Overlap of what they write", f.adapters(), f.columnSpaceAngle()))))
        .orElse(section);
  }

  private static Table matrix(String caption, List<String> adapters, double[][] values) {
    double greatest = 0;
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values.length; j++) {
        if (i != j && Math.abs(values[i][j]) > greatest) {
          greatest = Math.abs(values[i][j]);
        }
      }
    }
    List<String> titles = new ArrayList<>(List.of("adapter"));
    titles.addAll(adapters);
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(adapters.get(i))));
      for (int j = 0; j < values.length; j++) {
        double heat = i == j || greatest == 0 ? 0 : values[i][j] / greatest;
        row.add(Cell.heat(Numbers.fixed(values[i][j], 2), heat));
      }
      rows.add(row);
    }
    return Table.of(caption, Table.columns(titles), rows).as(Table.MATRIX);
  }

  static Section ablations(List<AblationRow> ablations) {
    List<List<Cell>> rows = new ArrayList<>();
    for (AblationRow row : ablations) {
      double[] group =
          ablations.stream()
              .filter(other -> other.ablation().equals(row.ablation()))
              .mapToDouble(AblationRow::perplexity)
              .toArray();
      boolean best =
          group.length > 1 && row.perplexity() == DoubleStream.of(group).min().getAsDouble();
      rows.add(
          List.of(
              Cell.of(row.ablation()),
              Cell.of(row.setting()),
              Cell.best(Numbers.perplexity(row.perplexity()), best),
              Cell.of(Numbers.share(row.routingAccuracy())),
              Cell.of(row.note())));
    }
    return Section.of(
        "ablations",
        "Ablations",
        "What one choice is worth, all else equal: geometric-mean perplexity (the best of each"
            + " ablation is marked) and routing accuracy.",
        Table.of(
            "Ablations",
            Table.columns(
                "ablation", "setting:text", "perplexity", "routing accuracy", "note:text"),
            rows));
  }

  static Section learningCurves(List<LearningCurvePoint> points) {
    Set<String> domains = new LinkedHashSet<>();
    TreeSet<Integer> sizes = new TreeSet<>();
    points.forEach(
        point -> {
          domains.add(point.domain());
          sizes.add(point.examples());
        });
    List<String> titles = new ArrayList<>(List.of("domain"));
    sizes.forEach(size -> titles.add(Numbers.count(size)));
    List<List<Cell>> rows = new ArrayList<>();
    List<Plot.Series> lines = new ArrayList<>();
    for (String domain : domains) {
      double most = perplexity(points, domain, sizes.last());
      List<Cell> row = new ArrayList<>(List.of(Cell.of(domain)));
      List<Plot.Point> line = new ArrayList<>();
      for (int size : sizes) {
        double perplexity = perplexity(points, domain, size);
        row.add(Cell.of(Numbers.perplexity(perplexity)));
        Plot.addFinite(line, size, perplexity / most);
      }
      rows.add(row);
      lines.add(new Plot.Series(domain, lines.size(), line));
    }
    return Section.of(
        "learning",
        "Learning curves",
        "Perplexity of a domain's adapter by the number of training examples; the plot shows it as a"
            + " multiple of the one with the most examples.",
        Plot.lines(
            "Perplexity by training examples",
            "training examples",
            "multiple of the perplexity with the most examples",
            lines),
        Table.of("Perplexity by training examples", Table.columns(titles), rows));
  }

  private static double perplexity(List<LearningCurvePoint> points, String domain, int examples) {
    return points.stream()
        .filter(point -> point.domain().equals(domain) && point.examples() == examples)
        .mapToDouble(LearningCurvePoint::perplexity)
        .findFirst()
        .orElse(Double.NaN);
  }

  static Section adaptation(List<AdaptationFigures> adaptation) {
    List<List<Cell>> rows = new ArrayList<>();
    List<Plot> plots = new ArrayList<>();
    for (AdaptationFigures one : adaptation) {
      boolean both = one.tokensFresh() > 0 && one.tokensWarm() > 0;
      double share = both ? one.tokensWarm() / (double) one.tokensFresh() : Double.NaN;
      rows.add(
          Table.row(
              one.domain(),
              one.warmStartedFrom(),
              Numbers.share(one.targetLoss()),
              tokens(one.tokensFresh()),
              tokens(one.tokensWarm()),
              Numbers.percent(share)));
      plots.add(
          Plot.lines(
              one.domain() + ", started from " + one.warmStartedFrom(),
              "answer tokens",
              "validation loss",
              List.of(
                  TrainingSections.series("fresh start", 0, one.fresh()),
                  TrainingSections.series("warm start", 1, one.warm()))));
    }
    return Section.of(
            "warm-start",
            "Warm start",
            "Answer tokens until a new adapter reaches the target loss, fresh and started from an"
                + " existing adapter, which stays as it is.",
            Table.of(
                "Tokens to the target loss",
                Table.columns(
                    "domain",
                    "started from:text",
                    "target loss",
                    "fresh",
                    "warm",
                    "warm / fresh, %"),
                rows))
        .with(plots);
  }

  private static String tokens(long tokens) {
    return tokens < 0 ? "not reached" : Numbers.count(tokens);
  }

  static Section twoDomains(List<TwoDomainRow> inputs) {
    List<List<Cell>> rows = new ArrayList<>();
    for (TwoDomainRow input : inputs) {
      double[] values = {input.base(), input.top1(), input.top2()};
      boolean[] best = Table.best(values, false);
      List<Cell> row = new ArrayList<>(List.of(Cell.of(input.domains())));
      for (int i = 0; i < values.length; i++) {
        row.add(Cell.best(Numbers.perplexity(values[i]), best[i]));
      }
      rows.add(row);
    }
    return Section.of(
        "two-domains",
        "Inputs that need two domains",
        "Perplexity with the base alone, the most probable adapter, and the two most probable ones"
            + " mixed; the best of each row is marked.",
        Table.of(
            "Perplexity on inputs of two domains",
            Table.columns("domains", "base", "top-1", "top-2"),
            rows));
  }
}
