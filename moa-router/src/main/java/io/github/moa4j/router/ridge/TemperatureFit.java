package io.github.moa4j.router.ridge;

import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.ArrayList;
import java.util.List;

/**
 * The temperature at which the states' averaged probabilities are honest: it minimises their cross
 * entropy over the held-out prompts, every domain weighing the same (Guo et al., 2017).
 */
final class TemperatureFit {

  /** The temperature where no prompt was held out: a margin of 0.5 means a probability of 0.99. */
  private static final double DEFAULT = 0.1;

  private static final double LOWEST = 0.02;
  private static final double HIGHEST = 2;

  /** Share of the target spread over all domains: separable prompts would ask for 0 else. */
  private static final double SMOOTHING = 0.01;

  private static final int STEPS = 40;

  private TemperatureFit() {}

  /**
   * Fits the temperature.
   *
   * @param heldOut of each domain, in the classifiers' order, the prompts' states [state][width]
   */
  static double fit(ClassifierStack classifiers, List<List<float[][]>> heldOut) {
    List<double[][][]> scores = new ArrayList<>(); // of each domain: [prompt][state][domain]
    for (List<float[][]> prompts : heldOut) {
      if (prompts.isEmpty()) {
        return DEFAULT;
      }
      scores.add(prompts.stream().map(p -> scores(classifiers, p)).toArray(double[][][]::new));
    }
    return minimum(scores);
  }

  private static double[][] scores(ClassifierStack classifiers, float[][] prompt) {
    double[][] scores = new double[prompt.length][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = classifiers.classifiers().get(i).scores(prompt[i]);
    }
    return scores;
  }

  /** Golden-section search over the logarithm: the loss has one minimum in 1 / temperature. */
  private static double minimum(List<double[][][]> scores) {
    double ratio = (Math.sqrt(5) - 1) / 2;
    double low = Math.log(LOWEST);
    double high = Math.log(HIGHEST);
    for (int step = 0; step < STEPS; step++) {
      double left = high - ratio * (high - low);
      double right = low + ratio * (high - low);
      if (loss(scores, Math.exp(left)) <= loss(scores, Math.exp(right))) {
        high = right;
      } else {
        low = left;
      }
    }
    return Math.exp((low + high) / 2);
  }

  private static double loss(List<double[][][]> scores, double temperature) {
    double total = 0;
    for (int label = 0; label < scores.size(); label++) {
      double sum = 0;
      for (double[][] prompt : scores.get(label)) {
        double[] probabilities = Probabilities.mean(Probabilities.softmax(prompt, temperature));
        for (int k = 0; k < probabilities.length; k++) {
          double target = SMOOTHING / probabilities.length + (k == label ? 1 - SMOOTHING : 0);
          sum -= target * Math.log(Math.max(probabilities[k], Double.MIN_NORMAL));
        }
      }
      total += sum / scores.get(label).length;
    }
    return total;
  }
}
