package io.github.moa4j.examples.study.report.records;

import java.util.Map;

/**
 * The learning rates tried for a method, on a part of the budget, and the one taken.
 *
 * @param method the method's name
 * @param lossByRate validation loss by learning rate; NaN where the run diverged
 * @param chosen the rate of the lowest loss
 */
public record LearningRateChoice(String method, Map<Double, Double> lossByRate, double chosen) {
  /** Copies the collections, keeping their order. */
  public LearningRateChoice {
    lossByRate = Ordered.copy(lossByRate);
  }
}
