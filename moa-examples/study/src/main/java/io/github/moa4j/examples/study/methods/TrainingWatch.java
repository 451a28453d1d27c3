package io.github.moa4j.examples.study.methods;

import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import io.github.moa4j.training.lora.Stability;
import io.github.moa4j.training.lora.TrainingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Watches one training. */
public final class TrainingWatch implements TrainingListener {

  private final List<CurvePoint> training = new ArrayList<>();
  private final List<CurvePoint> validation = new ArrayList<>();
  private final Stability.Recorder recorder = Stability.recorder();
  private final long start = System.nanoTime();
  private final Duration processorStart = processorTime();
  private long tokens;

  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public void onStep(TrainingStep step) {
    tokens += step.tokens();
    training.add(new CurvePoint(tokens, step.loss()));
    recorder.onStep(step);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    validation.add(new CurvePoint(tokens, evaluation.loss()));
  }

  public TrainingLog log(
      Setting setting, long answerTokens, long parameters, double selectionLoss) {
    Stability stability = recorder.stability();
    return new TrainingLog(
        setting,
        answerTokens,
        tokens,
        parameters,
        (System.nanoTime() - start) / 1e9,
        processorTime().minus(processorStart).toMillis() / 1e3,
        selectionLoss,
        training,
        validation,
        new StabilityFigures(
            stability.medianGradientNorm(),
            stability.maximumGradientNorm(),
            stability.lossSpikes(),
            stability.diverged()));
  }
}
