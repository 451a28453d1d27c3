package io.github.moa4j.examples.study.methods;

import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import io.github.moa4j.training.lora.Stability;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What training a method took and how it went.
 *
 * @param setting of the run; none where each domain has its own
 * @param answerTokens answer tokens trained on, over all passes
 * @param tokens all tokens, padding not counted
 * @param parameters trainable values
 * @param seconds of wall clock
 * @param processorSeconds of all threads of this process
 * @param selectionLoss mean loss of the chosen parameters over the domains
 * @param trainingCurve loss of each step; the mean over the domains where they train one by one
 * @param validationCurve loss on the selection examples, likewise
 * @param stability gradient norms and spikes, the worst of the domains
 */
public record TrainingLog(
    Setting setting,
    long answerTokens,
    long tokens,
    long parameters,
    double seconds,
    double processorSeconds,
    double selectionLoss,
    List<CurvePoint> trainingCurve,
    List<CurvePoint> validationCurve,
    StabilityFigures stability) {

  /** Of a method that trains nothing. */
  static final TrainingLog NONE =
      new TrainingLog(
          Setting.NONE,
          0,
          0,
          0,
          0,
          0,
          Double.NaN,
          List.of(),
          List.of(),
          new StabilityFigures(Double.NaN, Double.NaN, 0, false));

  /** Copies the curves. */
  public TrainingLog {
    trainingCurve = List.copyOf(trainingCurve);
    validationCurve = List.copyOf(validationCurve);
  }

  /** Sums up trainings of single domains to that of a method. */
  static TrainingLog of(List<TrainingLog> parts) {
    List<StabilityFigures> stability = parts.stream().map(TrainingLog::stability).toList();
    List<CurvePoint> curve = mean(parts.stream().map(TrainingLog::trainingCurve).toList());
    // Of single domains' few steps each, the first may be harder than the last by chance.
    List<Double> losses = curve.stream().map(CurvePoint::loss).toList();
    boolean diverged = Stability.of(losses, Collections.nCopies(losses.size(), 0.0)).diverged();
    double largest =
        stability.stream().mapToDouble(StabilityFigures::maxGradientNorm).max().orElseThrow();
    return new TrainingLog(
        parts.stream().map(TrainingLog::setting).distinct().count() == 1
            ? parts.get(0).setting
            : Setting.NONE,
        parts.stream().mapToLong(TrainingLog::answerTokens).sum(),
        parts.stream().mapToLong(TrainingLog::tokens).sum(),
        parts.stream().mapToLong(TrainingLog::parameters).sum(),
        parts.stream().mapToDouble(TrainingLog::seconds).sum(),
        parts.stream().mapToDouble(TrainingLog::processorSeconds).sum(),
        parts.stream().mapToDouble(TrainingLog::selectionLoss).average().orElseThrow(),
        curve,
        mean(parts.stream().map(TrainingLog::validationCurve).toList()),
        new StabilityFigures(
            stability.stream()
                .mapToDouble(StabilityFigures::medianGradientNorm)
                .average()
                .orElseThrow(),
            largest,
            stability.stream().mapToInt(StabilityFigures::lossSpikes).sum(),
            diverged || !Double.isFinite(largest)));
  }

  /** The mean of curves, point by point, at the tokens that all of them have seen by then. */
  private static List<CurvePoint> mean(List<List<CurvePoint>> curves) {
    List<CurvePoint> mean = new ArrayList<>();
    int points = curves.stream().mapToInt(List::size).min().orElse(0);
    for (int i = 0; i < points; i++) {
      int at = i;
      mean.add(
          new CurvePoint(
              curves.stream().mapToLong(curve -> curve.get(at).tokens()).sum(),
              curves.stream().mapToDouble(curve -> curve.get(at).loss()).average().orElseThrow()));
    }
    return mean;
  }
}
