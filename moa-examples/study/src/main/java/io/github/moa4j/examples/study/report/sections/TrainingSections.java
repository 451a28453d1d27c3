package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Cell;
import io.github.moa4j.examples.study.report.page.Numbers;
import io.github.moa4j.examples.study.report.page.Plot;
import io.github.moa4j.examples.study.report.page.Section;
import io.github.moa4j.examples.study.report.page.Spread;
import io.github.moa4j.examples.study.report.page.Table;
import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** How the trainings went: curves, stability, learning rates and cost. */
final class TrainingSections {

  private static final int CURVE_POINTS = 40;

  private final MethodScores scores;

  TrainingSections(MethodScores scores) {
    this.scores = scores;
  }

  Section curves() {
    return Section.of(
        "curves",
        "Training and validation curves",
        "Loss on answer tokens over the answer tokens trained on, first seed of each method;"
            + " training losses are averaged over neighbouring steps. Click a name to hide its line.",
        plot("Training loss", run -> averaged(run.trainingCurve())),
        plot("Validation loss", MethodRun::validationCurve));
  }

  private Plot plot(String title, Function<MethodRun, List<CurvePoint>> curve) {
    return Plot.lines(
        title,
        "answer tokens",
        "loss (nats a token)",
        scores.methods().stream()
            .map(m -> series(m, scores.index(m), curve.apply(scores.first(m))))
            .toList());
  }

  /** A loss curve as a line. */
  static Plot.Series series(String name, int colour, List<CurvePoint> curve) {
    List<Plot.Point> points = new ArrayList<>();
    curve.forEach(point -> Plot.addFinite(points, (double) point.tokens(), point.loss()));
    return new Plot.Series(name, colour, points);
  }

  private static List<CurvePoint> averaged(List<CurvePoint> curve) {
    int group = Math.max(1, (curve.size() + CURVE_POINTS - 1) / CURVE_POINTS);
    List<CurvePoint> points = new ArrayList<>();
    for (int start = 0; start < curve.size(); start += group) {
      List<CurvePoint> part = curve.subList(start, Math.min(curve.size(), start + group));
      Spread loss = Spread.of(part.stream().mapToDouble(CurvePoint::loss));
      points.add(new CurvePoint(part.get(part.size() - 1).tokens(), loss.mean()));
    }
    return points;
  }

  Section stability() {
    List<List<Cell>> rows = new ArrayList<>();
    for (String method : scores.methods()) {
      List<StabilityFigures> figures =
          scores.runs(method).stream()
              .filter(run -> run.answerTokens() > 0)
              .map(MethodRun::stability)
              .toList();
      if (!figures.isEmpty()) {
        long diverged = figures.stream().filter(StabilityFigures::diverged).count();
        rows.add(
            List.of(
                Cell.of(method),
                Cell.of(
                    Spread.of(figures.stream().mapToDouble(StabilityFigures::medianGradientNorm)),
                    Numbers::share),
                Cell.of(
                    Numbers.fixed(
                        figures.stream()
                            .mapToDouble(StabilityFigures::maxGradientNorm)
                            .max()
                            .orElse(Double.NaN),
                        2)),
                Cell.of(
                    Numbers.count(figures.stream().mapToLong(StabilityFigures::lossSpikes).sum())),
                Cell.styled(diverged + " of " + figures.size(), diverged > 0 ? "bad" : "")));
      }
    }
    return Section.of(
        "stability",
        "Stability",
        "Global gradient norms before clipping, steps whose loss jumped, and runs that diverged, over"
            + " all seeds.",
        Table.of(
            "Stability of the trainings",
            Table.columns(
                "method", "median gradient norm", "largest norm", "loss spikes", "runs diverged"),
            rows));
  }

  Section cost() {
    List<List<Cell>> rows = new ArrayList<>();
    for (String method : scores.methods()) {
      MethodRun first = scores.first(method);
      rows.add(
          List.of(
              Cell.of(method),
              Cell.of(Numbers.count(first.parameters())),
              Cell.of(Numbers.count(first.answerTokens())),
              Cell.of(first.setting().batchSize() == 0 ? "" : "" + first.setting().batchSize()),
              Cell.of(Numbers.rate(first.setting().learningRate())),
              Cell.of(scores.spread(method, MethodRun::trainingSeconds), v -> Numbers.fixed(v, 0)),
              Cell.of(scores.spread(method, MethodRun::processorSeconds), v -> Numbers.fixed(v, 0)),
              Cell.of(
                  scores.spread(method, MethodRun::tokensPerSecond), v -> Numbers.fixed(v, 0))));
    }
    return Section.of(
        "cost",
        "Cost",
        "What each method trained and how long that took; every trained method gets the same number"
            + " of answer tokens.",
        Table.of(
            "Cost of the trainings",
            Table.columns(
                "method",
                "trained parameters",
                "answer tokens",
                "batch",
                "learning rate",
                "seconds",
                "processor seconds",
                "tokens/s"),
            rows));
  }

  static Section tuning(List<TuningChoice> choices) {
    Set<Setting> settings = new LinkedHashSet<>();
    choices.forEach(choice -> choice.trials().forEach(trial -> settings.add(trial.setting())));
    List<String> titles = new ArrayList<>(List.of("method"));
    settings.forEach(
        setting -> titles.add(setting.batchSize() + " at " + Numbers.rate(setting.learningRate())));
    List<List<Cell>> rows = new ArrayList<>();
    for (TuningChoice choice : choices) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(choice.method())));
      for (Setting setting : settings) {
        Optional<Double> loss =
            choice.trials().stream()
                .filter(trial -> trial.setting().equals(setting))
                .map(TuningChoice.Trial::loss)
                .findFirst();
        row.add(
            loss.filter(value -> value.isNaN()).isPresent()
                ? Cell.styled("diverged", "bad")
                : Cell.best(
                    Numbers.share(loss.orElse(Double.NaN)), setting.equals(choice.chosen())));
      }
      rows.add(row);
    }
    return Section.of(
        "tuning",
        "Choice of batch size and learning rate",
        "Mean over the domains of the loss on training examples that no method learns from, by"
            + " examples a step and learning rate, each trained in full; what was taken is marked.",
        Table.of("Loss by batch size and learning rate", Table.columns(titles), rows));
  }
}
