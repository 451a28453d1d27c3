package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Answers;
import io.github.moa4j.examples.study.report.page.Cell;
import io.github.moa4j.examples.study.report.page.Listing;
import io.github.moa4j.examples.study.report.page.Numbers;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.page.Table;
import io.github.moa4j.examples.study.report.records.CaseStudy;
import io.github.moa4j.examples.study.report.records.Claim;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.DataFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The sections of the report, in the order of reading; what was not measured is left out. */
public final class ReportSections {

  private ReportSections() {}

  public static List<Section> of(ComparisonResults results) {
    MethodScores scores = new MethodScores(results.runs());
    MethodSections methods = new MethodSections(scores);
    TrainingSections training = new TrainingSections(scores);
    return Stream.of(
            summary(results.claims(), methods),
            methods.perplexity(),
            methods.shareOfOracle(),
            methods.answerQuality(),
            RoutingSections.confusion(results.routing()),
            RoutingSections.calibration(results.routing()),
            RoutingSections.robustness(results.robustness()),
            RoutingSections.unknownDomains(results.unknownDomains()),
            new IterationSection(results.iteration()).section(),
            AdapterSections.interference(results.interference()),
            AdapterSections.ablations(results.ablations()),
            AdapterSections.learningCurves(results.learningCurves()),
            AdapterSections.adaptation(results.adaptation()),
            AdapterSections.twoDomains(results.twoDomains()),
            training.curves(),
            training.stability(),
            training.cost(),
            TrainingSections.tuning(results.tuning()),
            caseStudies(results.caseStudies()),
            data(results.data()),
            setup(results))
        .filter(section -> !section.blocks().isEmpty())
        .toList();
  }

  private static Section summary(List<Claim> claims, MethodSections methods) {
    long hold = claims.stream().filter(Claim::holds).count();
    String found =
        claims.isEmpty()
            ? ""
            : "Of the %d claims and goals, %d hold here. ".formatted(claims.size(), hold);
    List<List<Cell>> rows =
        claims.stream()
            .map(c -> List.of(Cell.of(c.claim()), Cell.yesNo(c.holds()), Cell.of(c.measured())))
            .toList();
    return Section.of(
        "summary",
        "Summary",
        found
            + "Perplexity is the geometric mean over the domains (lower is better), the share of the"
            + " oracle is the quality of the answers against an adapter that knows its domain.",
        Table.of("Claims", Table.columns("claim", "holds:text", "measured:text"), rows),
        methods.overviewPlot(),
        methods.overview());
  }

  private static Section caseStudies(List<CaseStudy> studies) {
    return Section.of(
            "cases",
            "Sample answers",
            "The same prompts answered by every method, side by side; an answer that is the"
                + " reference word for word is marked.")
        .with(studies.stream().map(Answers::of).toList());
  }

  private static Section data(List<DataFigures> data) {
    List<List<Cell>> rows = new ArrayList<>();
    for (DataFigures figures : data) {
      rows.add(
          List.of(
              Cell.of(figures.domain()),
              Cell.of(Numbers.count(figures.train())),
              Cell.of(Numbers.count(figures.validation())),
              Cell.of(Numbers.count(figures.exactDuplicates())),
              Cell.of(Numbers.count(figures.nearDuplicates())),
              Cell.styled(
                  Numbers.count(figures.validationOverlap()),
                  figures.validationOverlap() > 0 ? "bad" : "")));
    }
    return Section.of(
        "data",
        "Data",
        "What was found before training: duplicates within the training data, and validation"
            + " examples that the training data hold.",
        Table.of(
            "Examples by domain",
            Table.columns(
                "domain",
                "training",
                "validation",
                "exact duplicates",
                "near duplicates",
                "validation overlap"),
            rows));
  }

  private static Section setup(ComparisonResults results) {
    List<List<Cell>> rows = new ArrayList<>();
    rows.add(Table.row("machine", results.machine()));
    results.settings().forEach((name, value) -> rows.add(Table.row(name, value)));
    return Section.of(
        "setup",
        "How to make it again",
        "The machine, the settings and the command.",
        Table.of("Settings", Table.columns("setting", "value:text"), rows),
        new Listing("Command", results.command()));
  }
}
