package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.workbench.ComparisonSettings;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.ResultStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Chooses batch size and learning rate for each kind of training by the same search, each trial
 * with all examples and passes, and by the same figure, the mean over the domains of the loss on
 * training examples that no method learns from.
 *
 * <p>The search: for each batch size a walk along the ladder of rates, from the rate that was best
 * with the batch size before, first down, else up, until the loss rises; so the rate that is taken
 * has a worse one on both sides, wherever a method's best rates lie.
 */
public final class Tuning {

  private final ComparisonSettings settings;
  private final ResultStore store;
  private final boolean onlyStored;
  private final Map<String, TuningChoice> choices = new LinkedHashMap<>();

  /**
   * Creates a choice.
   *
   * @param onlyStored whether it is among the trials that are stored, whatever else is to be tried
   */
  public Tuning(ComparisonSettings settings, ResultStore store, boolean onlyStored) {
    this.settings = settings;
    this.store = store;
    this.onlyStored = onlyStored;
  }

  /**
   * Returns the setting of the lowest selection loss.
   *
   * @throws MoaException if only stored trials count, and there is none
   */
  Setting choose(String method, Trainings.Recipe recipe) {
    TuningChoice known = choices.get(method); // a recipe may ask for the choice of another method
    if (known == null) {
      known = onlyStored ? stored(method) : search(method, recipe);
      choices.put(method, known);
    }
    return known.chosen();
  }

  private TuningChoice stored(String method) {
    List<TuningChoice.Trial> trials = new ArrayList<>();
    for (int batch : settings.batchSizes()) {
      for (double rate : settings.rates()) {
        store
            .find(part(method, new Setting(batch, rate)), TuningChoice.Trial.class)
            .ifPresent(trials::add);
      }
    }
    return choice(method, trials);
  }

  private TuningChoice search(String method, Trainings.Recipe recipe) {
    List<TuningChoice.Trial> trials = new ArrayList<>();
    int start = settings.rates().size() / 2;
    for (int batch : settings.batchSizes()) {
      start = walk(start, rate -> trial(method, new Setting(batch, rate), recipe, trials));
    }
    return choice(method, trials);
  }

  /** Returns where on the ladder of rates the loss is lowest, seen from a start. */
  private int walk(int start, DoubleUnaryOperator loss) {
    List<Double> rates = settings.rates();
    int best = start;
    double lowest = loss.applyAsDouble(rates.get(start));
    for (int direction : new int[] {-1, 1}) {
      for (int next = start + direction; next >= 0 && next < rates.size(); next += direction) {
        double found = loss.applyAsDouble(rates.get(next));
        if (!(found < lowest)) {
          break;
        }
        lowest = found;
        best = next;
      }
      if (best != start) {
        break;
      }
    }
    return best;
  }

  private double trial(
      String method, Setting setting, Trainings.Recipe recipe, List<TuningChoice.Trial> trials) {
    TuningChoice.Trial trial =
        store.computeIfAbsent(
            part(method, setting),
            TuningChoice.Trial.class,
            () -> measure(method, setting, recipe));
    trials.add(trial);
    return trial.loss();
  }

  private static String part(String method, Setting setting) {
    return "trial." + method + "-" + setting;
  }

  private static TuningChoice choice(String method, List<TuningChoice.Trial> trials) {
    TuningChoice.Trial best =
        trials.stream()
            .min(Comparator.comparingDouble(TuningChoice.Trial::loss))
            .orElseThrow(
                () ->
                    new MoaException(
                        "No trial of " + method + " is stored. Tune it first: --tune " + method));
    return new TuningChoice(method, trials, best.setting());
  }

  private TuningChoice.Trial measure(String method, Setting setting, Trainings.Recipe recipe) {
    try (TrainedMethod trained = recipe.train(setting, 1, settings.trainingExamples())) {
      double loss = trained.log().selectionLoss();
      Progress.say("%s, %s: selection loss %.4f", method, setting, loss);
      return new TuningChoice.Trial(setting, loss);
    }
  }

  List<TuningChoice> choices() {
    return List.copyOf(choices.values());
  }
}
