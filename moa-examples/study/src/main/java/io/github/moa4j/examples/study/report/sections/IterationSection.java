package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Cell;
import io.github.moa4j.examples.study.report.page.Numbers;
import io.github.moa4j.examples.study.report.page.Plot;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.page.Table;
import io.github.moa4j.examples.study.report.records.IterationStep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** A mixture that grows, beside one shared adapter that forgets. */
final class IterationSection {

  private final List<IterationStep> steps;
  private final List<String> domains;

  IterationSection(List<IterationStep> steps) {
    this.steps = steps;
    Set<String> names = new LinkedHashSet<>();
    steps.forEach(
        step -> {
          names.addAll(step.mixturePerplexity().keySet());
          names.addAll(step.sharedPerplexity().keySet());
        });
    this.domains = List.copyOf(names);
  }

  Section section() {
    double highest =
        Math.max(
            greatestMultiple(IterationStep::mixturePerplexity),
            greatestMultiple(IterationStep::sharedPerplexity));
    double top = Math.ceil(10 * highest) / 10;
    return Section.of(
        "iteration",
        "Growing and forgetting",
        "Domains are added, retrained and removed one at a time: a mixture leaves the others as they"
            + " are, one shared adapter trained domain after domain forgets. The plots show each"
            + " domain's perplexity as a multiple of the one just after it was learned (1 is nothing"
            + " forgotten).",
        plot("One shared adapter", IterationStep::sharedPerplexity).withRange(null, top),
        plot("The mixture", IterationStep::mixturePerplexity).withRange(null, top),
        stepTable(),
        forgettingTable());
  }

  private Plot plot(String title, Function<IterationStep, Map<String, Double>> figures) {
    List<Plot.Series> lines = new ArrayList<>();
    for (String domain : domains) {
      List<Plot.Point> line = new ArrayList<>();
      for (int i = 0; i < steps.size(); i++) {
        Plot.addFinite(line, i + 1, multiple(i, domain, figures));
      }
      lines.add(new Plot.Series(domain, domains.indexOf(domain), line));
    }
    return Plot.lines(title, "step", "multiple of the perplexity when learned", lines);
  }

  private double greatestMultiple(Function<IterationStep, Map<String, Double>> figures) {
    double greatest = 1;
    for (String domain : domains) {
      for (int i = 0; i < steps.size(); i++) {
        double multiple = multiple(i, domain, figures);
        greatest = multiple > greatest ? multiple : greatest;
      }
    }
    return greatest;
  }

  private double multiple(
      int step, String domain, Function<IterationStep, Map<String, Double>> figures) {
    return perplexity(step, domain, figures) / learned(domain, figures);
  }

  private static double value(Map<String, Double> byDomain, String domain) {
    return byDomain.getOrDefault(domain, Double.NaN);
  }

  private double perplexity(
      int step, String domain, Function<IterationStep, Map<String, Double>> figures) {
    return value(figures.apply(steps.get(step)), domain);
  }

  private double learned(String domain, Function<IterationStep, Map<String, Double>> figures) {
    return steps.stream()
        .mapToDouble(step -> value(figures.apply(step), domain))
        .filter(v -> !Double.isNaN(v))
        .findFirst()
        .orElse(Double.NaN);
  }

  private double last(String domain, Function<IterationStep, Map<String, Double>> figures) {
    return steps.stream()
        .mapToDouble(step -> value(figures.apply(step), domain))
        .filter(v -> !Double.isNaN(v))
        .reduce(Double.NaN, (before, after) -> after);
  }

  private Table stepTable() {
    List<List<Cell>> rows = new ArrayList<>();
    for (IterationStep step : steps) {
      rows.add(
          List.of(
              Cell.of(rows.size() + 1 + ". " + step.action() + " " + step.domain()),
              Cell.yesNo(step.otherFilesUnchanged()),
              Cell.yesNo(step.otherPerplexitiesUnchanged()),
              Cell.of(Numbers.share(step.oldDomainsRoutingAccuracy())),
              Cell.of(Numbers.share(step.otherRoutesChanged())),
              Cell.of(Numbers.perplexity(geometricMean(step.mixturePerplexity()))),
              Cell.of(Numbers.perplexity(geometricMean(step.sharedPerplexity()))),
              Cell.of(Numbers.seconds(step.seconds())),
              Cell.of(Numbers.seconds(step.ridgeSeconds()))));
    }
    return Table.of(
        "Steps (perplexities are geometric means over the domains known by then)",
        Table.columns(
            "step",
            "other files identical:text",
            "other perplexities identical:text",
            "routing of old domains",
            "of their prompts routed elsewhere",
            "mixture",
            "shared adapter",
            "seconds",
            "of these ridge router"),
        rows);
  }

  private Table forgettingTable() {
    List<List<Cell>> rows = new ArrayList<>();
    for (String domain : domains) {
      double learned = learned(domain, IterationStep::sharedPerplexity);
      double last = last(domain, IterationStep::sharedPerplexity);
      rows.add(
          Table.row(
              domain,
              Numbers.perplexity(learned(domain, IterationStep::mixturePerplexity)),
              Numbers.perplexity(last(domain, IterationStep::mixturePerplexity)),
              Numbers.perplexity(learned),
              Numbers.perplexity(last),
              Numbers.fixed(last / learned, 2)));
    }
    return Table.of(
        "Perplexity when learned and at the end",
        Table.columns(
            "domain",
            "mixture: when learned",
            "at the end",
            "shared: when learned",
            "at the end",
            "multiple"),
        rows);
  }

  private static double geometricMean(Map<String, Double> perplexities) {
    return Math.exp(
        perplexities.values().stream().mapToDouble(Math::log).average().orElse(Double.NaN));
  }
}
