package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Cell;
import io.github.moa4j.examples.study.report.page.Numbers;
import io.github.moa4j.examples.study.report.page.Plot;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.page.Spread;
import io.github.moa4j.examples.study.report.page.Table;
import io.github.moa4j.examples.study.report.records.DomainScore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What the methods reached: perplexity and answers, by domain. */
final class MethodSections {

  private final MethodScores scores;

  MethodSections(MethodScores scores) {
    this.scores = scores;
  }

  /** One line a method. */
  Table overview() {
    List<String> methods = scores.methods();
    boolean[] bestPerplexity = best(m -> scores.geometricMeanPerplexity(m), false);
    boolean[] bestShare = best(m -> scores.shareOfOracle(m), true);
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      String method = methods.get(i);
      rows.add(
          List.of(
              Cell.of(method),
              Cell.best(
                  scores.geometricMeanPerplexity(method), Numbers::perplexity, bestPerplexity[i]),
              Cell.best(scores.shareOfOracle(method), Numbers::percent, bestShare[i]),
              Cell.of(Numbers.count(scores.runs(method).size())),
              Cell.of(scores.first(method).description())));
    }
    return Table.of(
        "Methods",
        Table.columns("method", "perplexity", "share of oracle, %", "seeds", "what it is:text"),
        rows);
  }

  Plot overviewPlot() {
    return Plot.bars(
        "Perplexity, geometric mean over the domains",
        "perplexity",
        scores.methods(),
        scores.methods().stream().map(m -> scores.geometricMeanPerplexity(m).mean()).toList());
  }

  Section perplexity() {
    return Section.of(
        "perplexity",
        "Perplexity by domain",
        "Perplexity on the tokens of the validation answers, with the standard deviation over seeds"
            + " where there are several; lower is better and the best of each column is marked.",
        table(
            "Perplexity",
            scores.domains(DomainScore::perplexity),
            (method, domain) -> scores.spread(method, domain, DomainScore::perplexity),
            "geometric mean",
            scores::geometricMeanPerplexity,
            Numbers::perplexity,
            false));
  }

  Section shareOfOracle() {
    List<String> domains =
        scores.runs(MethodScores.ORACLE).isEmpty()
            ? List.of()
            : scores.domains(MethodScores::quality);
    return Section.of(
        "oracle",
        "Share of the oracle's score",
        "ROUGE-L of the generated answers (exact match where answers are labels), as a share of what"
            + " the adapter trained on that domain alone reaches when the label names it ("
            + MethodScores.ORACLE
            + "). The first column is the share of the mean score over all domains; a dash stands where"
            + " the oracle itself is below "
            + MethodScores.LOWEST_ORACLE
            + ".",
        table(
            "Share of " + MethodScores.ORACLE + ", in %",
            domains,
            scores::shareOfOracle,
            "of the mean",
            scores::shareOfOracle,
            Numbers::percent,
            true));
  }

  Section answerQuality() {
    return Section.of(
        "answers",
        "Quality of the answers",
        "Generated answers against the references: higher is better and the best of each column is"
            + " marked; a dash stands where a measure does not fit the domain's answers.",
        table("ROUGE-L", DomainScore::rougeL, Numbers::share),
        table("BLEU", DomainScore::bleu, value -> Numbers.fixed(value, 1)),
        table("Exact match", DomainScore::exactMatch, Numbers::share));
  }

  private Table table(
      String caption, ToDoubleFunction<DomainScore> figure, DoubleFunction<String> format) {
    return table(
        caption,
        scores.domains(figure),
        (method, domain) -> scores.spread(method, domain, figure),
        "mean",
        method -> scores.mean(method, figure),
        format,
        true);
  }

  /** A figure of a method in a domain. */
  @FunctionalInterface
  private interface DomainFigure {
    Spread of(String method, String domain);
  }

  private Table table(
      String caption,
      List<String> domains,
      DomainFigure figure,
      String meanTitle,
      Function<String, Spread> mean,
      DoubleFunction<String> format,
      boolean highest) {
    List<String> methods =
        domains.isEmpty()
            ? List.of()
            : scores.methods().stream()
                .filter(m -> domains.stream().anyMatch(d -> figure.of(m, d).count() > 0))
                .toList();
    List<String> titles = new ArrayList<>(List.of("method", meanTitle));
    titles.addAll(domains);
    List<List<Cell>> rows = new ArrayList<>();
    methods.forEach(method -> rows.add(new ArrayList<>(List.of(Cell.of(method)))));
    addColumn(rows, methods.stream().map(mean).toList(), format, highest);
    for (String domain : domains) {
      addColumn(rows, methods.stream().map(m -> figure.of(m, domain)).toList(), format, highest);
    }
    return Table.of(caption, Table.columns(titles), rows);
  }

  private static void addColumn(
      List<List<Cell>> rows, List<Spread> column, DoubleFunction<String> format, boolean highest) {
    boolean[] best = Table.best(column.stream().mapToDouble(Spread::mean).toArray(), highest);
    for (int i = 0; i < best.length; i++) {
      rows.get(i).add(Cell.best(column.get(i), format, best[i]));
    }
  }

  private boolean[] best(Function<String, Spread> figure, boolean highest) {
    return Table.best(
        scores.methods().stream().mapToDouble(m -> figure.apply(m).mean()).toArray(), highest);
  }
}
