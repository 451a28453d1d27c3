package io.github.moa4j.examples.study.methods;

import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import io.github.moa4j.training.lora.Stability;
import io.github.moa4j.training.lora.TrainingListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Watches the runs that make up a method, one after the other, and sums them up. */
public final class TrainingWatch implements TrainingListener {

  private record Run(
      List<TrainingStep> steps, List<Evaluation> evaluations, Stability.Recorder recorder) {}

  private final List<Run> runs = new ArrayList<>();
  private final long start = System.nanoTime();

  /** A new run begins. */
  public TrainingListener next() {
    runs.add(new Run(new ArrayList<>(), new ArrayList<>(), Stability.recorder()));
    return this;
  }

  private Run current() {
    return runs.get(runs.size() - 1);
  }

  @Override
  public void onStep(TrainingStep step) {
    current().steps.add(step);
    current().recorder.onStep(step);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    current().evaluations.add(evaluation);
  }

  public TrainingLog log(double rate, long answerTokens, long parameters, double selectionLoss) {
    long tokens = 0;
    for (Run run : runs) {
      tokens += run.steps.stream().mapToLong(TrainingStep::tokens).sum();
    }
    return new TrainingLog(
        rate,
        answerTokens,
        tokens,
        parameters,
        (System.nanoTime() - start) / 1e9,
        selectionLoss,
        trainingCurve(),
        validationCurve(),
        stability());
  }

  /** The mean loss of each step over the runs, at the tokens that all of them have seen by then. */
  private List<CurvePoint> trainingCurve() {
    List<CurvePoint> curve = new ArrayList<>();
    int steps = runs.stream().mapToInt(run -> run.steps.size()).min().orElse(0);
    long tokens = 0;
    for (int i = 0; i < steps; i++) {
      double loss = 0;
      for (Run run : runs) {
        loss += run.steps.get(i).loss() / runs.size();
        tokens += run.steps.get(i).tokens();
      }
      curve.add(new CurvePoint(tokens, loss));
    }
    return curve;
  }

  private List<CurvePoint> validationCurve() {
    List<CurvePoint> curve = new ArrayList<>();
    int points = runs.stream().mapToInt(run -> run.evaluations.size()).min().orElse(0);
    for (int i = 0; i < points; i++) {
      double loss = 0;
      long tokens = 0;
      for (Run run : runs) {
        Evaluation evaluation = run.evaluations.get(i);
        loss += evaluation.loss() / runs.size();
        tokens += run.steps.stream().limit(evaluation.step()).mapToLong(TrainingStep::tokens).sum();
      }
      curve.add(new CurvePoint(tokens, loss));
    }
    return curve;
  }

  private StabilityFigures stability() {
    double median = 0;
    double most = 0;
    int spikes = 0;
    List<Double> losses = trainingCurve().stream().map(CurvePoint::loss).toList();
    // Of single domains' few steps each, the first may be harder than the last by chance.
    boolean diverged = Stability.of(losses, Collections.nCopies(losses.size(), 0.0)).diverged();
    for (Run run : runs) {
      Stability stability = run.recorder.stability();
      median += stability.medianGradientNorm() / runs.size();
      most = Math.max(most, stability.maximumGradientNorm());
      spikes += stability.lossSpikes();
      diverged |= !Double.isFinite(stability.maximumGradientNorm());
    }
    return new StabilityFigures(median, most, spikes, diverged);
  }
}
