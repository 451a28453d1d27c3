package io.github.moa4j.examples.study.methods;

import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import java.util.List;

/**
 * What training a method took and how it went.
 *
 * @param learningRate of the run
 * @param answerTokens answer tokens trained on, over all passes
 * @param tokens all tokens, padding not counted
 * @param parameters trainable values
 * @param seconds of wall clock
 * @param selectionLoss mean loss of the chosen parameters over the domains
 * @param trainingCurve loss of each step; the mean over the domains where they train one by one
 * @param validationCurve loss on the selection examples, likewise
 * @param stability gradient norms and spikes, the worst of the domains
 */
public record TrainingLog(
    double learningRate,
    long answerTokens,
    long tokens,
    long parameters,
    double seconds,
    double selectionLoss,
    List<CurvePoint> trainingCurve,
    List<CurvePoint> validationCurve,
    StabilityFigures stability) {

  /** Of a method that trains nothing. */
  static final TrainingLog NONE =
      new TrainingLog(
          Double.NaN,
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
}
