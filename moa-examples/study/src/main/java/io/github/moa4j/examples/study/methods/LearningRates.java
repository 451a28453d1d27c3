package io.github.moa4j.examples.study.methods;

import io.github.moa4j.examples.study.report.records.LearningRateChoice;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chooses a learning rate for each kind of training on a quarter of its examples. */
public final class LearningRates {

  private static final int SHARE = 4;

  private final Workbench bench;
  private final Map<String, LearningRateChoice> choices = new LinkedHashMap<>();

  public LearningRates(Workbench bench) {
    this.bench = bench;
  }

  /** Returns the rate of the lowest selection loss. */
  double choose(String method, Trainings.Recipe recipe) {
    LearningRateChoice choice =
        bench
            .store()
            .computeIfAbsent(
                "rate." + method, LearningRateChoice.class, () -> measure(method, recipe));
    choices.put(method, choice);
    return choice.chosen();
  }

  private LearningRateChoice measure(String method, Trainings.Recipe recipe) {
    Map<Double, Double> losses = new LinkedHashMap<>();
    double best = Double.NaN;
    for (double rate : bench.settings().rates()) {
      Progress.say("learning rate of %s: %s", method, rate);
      int examples = Math.max(2, bench.settings().trainingExamples() / SHARE);
      try (TrainedMethod trained = recipe.train(rate, 1, examples)) {
        losses.put(rate, trained.log().selectionLoss());
      }
      if (Double.isNaN(best) || losses.get(rate) < losses.get(best)) {
        best = rate;
      }
    }
    return new LearningRateChoice(method, losses, best);
  }

  List<LearningRateChoice> choices() {
    return List.copyOf(choices.values());
  }
}
