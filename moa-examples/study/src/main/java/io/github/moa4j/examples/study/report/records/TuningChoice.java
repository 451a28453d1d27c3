package io.github.moa4j.examples.study.report.records;

import java.util.List;

/**
 * The settings tried for a method, each with all examples and passes, and the one taken.
 *
 * @param method the method's name
 * @param trials in the order in which they were tried
 * @param chosen the setting of the lowest loss
 */
public record TuningChoice(String method, List<Trial> trials, Setting chosen) {

  /**
   * One training.
   *
   * @param setting what was tried
   * @param loss mean over the domains of the loss on their selection examples; NaN where the run
   *     diverged
   */
  public record Trial(Setting setting, double loss) {}

  /** Copies the list. */
  public TuningChoice {
    trials = List.copyOf(trials);
  }
}
