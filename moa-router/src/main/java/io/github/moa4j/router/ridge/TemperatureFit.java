package io.github.moa4j.router.ridge;

import io.github.moa4j.router.statistics.TokenClassifier;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The temperature at which averaged probabilities are honest: it minimises their cross entropy over
 * the held-out prompts, every domain weighing the same (Guo et al., 2017).
 */
final class TemperatureFit {

  /** The temperature where no prompt was held out: a margin of 0.5 means a probability of 0.99. */
  private static final double DEFAULT = 0.1;

  private static final double LOWEST = 0.02;
  private static final double HIGHEST = 2;

  /** Share of the target spread over all domains: separable prompts would ask for 0 else. */
  private static final double SMOOTHING = 0.01;

  private static final int STEPS = 40;

  /** Scores to look at, of all prompts and domains: one number needs no more, however many. */
  private static final int MOST_SCORES = 1 << 17;

  private TemperatureFit() {}

  /** Returns how many held-out prompts of each of so many domains are of use. */
  static int promptsOfEach(int numDomains) {
    return Math.max(1, (int) (MOST_SCORES / ((long) numDomains * numDomains)));
  }

  /**
   * Fits the temperature of the states' scores.
   *
   * @param domains whose prompts are held out; of none of them there may be several kinds
   * @param heldOut of each of these, the prompts' features [state][features]
   */
  static double ofStates(
      ClassifierStack classifiers, List<String> domains, List<List<float[][]>> heldOut) {
    return fit(classifiers, domains, heldOut, prompt -> scores(classifiers, prompt));
  }

  /**
   * Fits the temperature of the tokens' scores.
   *
   * @param classifiers with one of tokens
   * @param domains as above
   * @param heldOut of each of these, the prompts' grams
   */
  static double ofTokens(
      ClassifierStack classifiers, List<String> domains, List<List<int[]>> heldOut) {
    TokenClassifier tokens = classifiers.tokens().orElseThrow();
    return fit(classifiers, domains, heldOut, grams -> new double[][] {tokens.scores(grams)});
  }

  private static <T> double fit(
      ClassifierStack classifiers,
      List<String> domains,
      List<List<T>> heldOut,
      Function<T, double[][]> scoring) {
    if (heldOut.stream().anyMatch(List::isEmpty)) {
      return DEFAULT;
    }
    int numDomains = heldOut.size();
    int prompts = promptsOfEach(numDomains);
    int stride = (int) Math.max(1, (long) numDomains * numDomains / MOST_SCORES);
    List<DomainScores> scores = new ArrayList<>();
    for (int domain = 0; domain < numDomains; domain += stride) {
      scores.add(
          new DomainScores(
              classifiers.domains().indexOf(domains.get(domain)),
              heldOut.get(domain).stream().limit(prompts).map(scoring).toArray(double[][][]::new)));
    }
    return minimum(classifiers, scores);
  }

  /**
   * What a domain's prompts score.
   *
   * @param label index of the domain
   * @param prompts [prompt][state][domain]
   */
  private record DomainScores(int label, double[][][] prompts) {}

  private static double[][] scores(ClassifierStack classifiers, float[][] prompt) {
    double[][] scores = new double[prompt.length][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = classifiers.classifiers().get(i).scoresOf(prompt[i]);
    }
    return scores;
  }

  /** Golden-section search over the logarithm: the loss has one minimum in 1 / temperature. */
  private static double minimum(ClassifierStack classifiers, List<DomainScores> scores) {
    double ratio = (Math.sqrt(5) - 1) / 2;
    double low = Math.log(LOWEST);
    double high = Math.log(HIGHEST);
    double left = high - ratio * (high - low);
    double right = low + ratio * (high - low);
    double lossLeft = loss(classifiers, scores, Math.exp(left));
    double lossRight = loss(classifiers, scores, Math.exp(right));
    for (int step = 0; step < STEPS; step++) {
      if (lossLeft <= lossRight) {
        high = right;
        right = left;
        lossRight = lossLeft;
        left = high - ratio * (high - low);
        lossLeft = loss(classifiers, scores, Math.exp(left));
      } else {
        low = left;
        left = right;
        lossLeft = lossRight;
        right = low + ratio * (high - low);
        lossRight = loss(classifiers, scores, Math.exp(right));
      }
    }
    return Math.exp((low + high) / 2);
  }

  private static double loss(
      ClassifierStack classifiers, List<DomainScores> scores, double temperature) {
    double total = 0;
    for (DomainScores domain : scores) {
      double sum = 0;
      for (double[][] prompt : domain.prompts()) {
        double[] probabilities = Probabilities.mean(classifiers.probabilities(prompt, temperature));
        for (int k = 0; k < probabilities.length; k++) {
          double target =
              SMOOTHING / probabilities.length + (k == domain.label() ? 1 - SMOOTHING : 0);
          sum -= target * Math.log(Math.max(probabilities[k], Double.MIN_NORMAL));
        }
      }
      total += sum / domain.prompts().length;
    }
    return total;
  }
}
