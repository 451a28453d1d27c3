package io.github.moa4j.examples.study.methods;

import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses batch size and learning rate for each kind of training: every method tries the same
 * settings, each with all its examples and passes, and is judged by the same figure, the mean over
 * the domains of the loss on training examples that no method learns from.
 */
public final class Tuning {

  private final Workbench bench;
  private final Map<String, TuningChoice> choices = new LinkedHashMap<>();

  public Tuning(Workbench bench) {
    this.bench = bench;
  }

  /** Returns the setting of the lowest selection loss. */
  Setting choose(String method, Trainings.Recipe recipe) {
    return choices.computeIfAbsent(method, name -> measure(name, recipe)).chosen();
  }

  private TuningChoice measure(String method, Trainings.Recipe recipe) {
    List<TuningChoice.Trial> trials = new ArrayList<>();
    TuningChoice.Trial best = null;
    for (Setting setting : bench.settings().grid()) {
      TuningChoice.Trial trial =
          bench
              .store()
              .computeIfAbsent(
                  "trial." + method + "-" + setting,
                  TuningChoice.Trial.class,
                  () -> measure(method, setting, recipe));
      trials.add(trial);
      best = best == null || trial.loss() < best.loss() ? trial : best;
    }
    return new TuningChoice(method, trials, best.setting());
  }

  private TuningChoice.Trial measure(String method, Setting setting, Trainings.Recipe recipe) {
    try (TrainedMethod trained = recipe.train(setting, 1, bench.settings().trainingExamples())) {
      double loss = trained.log().selectionLoss();
      Progress.say("%s, %s: selection loss %.4f", method, setting, loss);
      return new TuningChoice.Trial(setting, loss);
    }
  }

  List<TuningChoice> choices() {
    return List.copyOf(choices.values());
  }
}
