package io.github.moa4j.training.router;

import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the abstention threshold at which a router answers 98 % of the held-out prompts of its
 * domains, every domain weighing the same: a router of few or broad prompts is less sure than one
 * of many or narrow ones, and no fixed threshold suits both.
 */
public final class ThresholdCalibration {

  private static final double UNANSWERED = 0.02;
  private static final double LOWEST = 0.2;
  private static final double HIGHEST = 0.9;

  /** Where no prompt was held out: a domain answers that is more probable than not. */
  private static final double DEFAULT = 0.5;

  /** Fewer prompts cannot tell 2 %. */
  private static final int ENOUGH = 50;

  private ThresholdCalibration() {}

  /**
   * Returns a router with its threshold calibrated.
   *
   * @param statistics of its domains; states that these do not keep take no part
   */
  public static LayerwiseRouter calibrated(
      LayerwiseRouter router, List<DomainStatistics> statistics) {
    return router.withAbstentionThreshold(
        threshold(
            ClassifierStack.of(router.domains(), router.pooling(), router.layers()),
            1,
            statistics));
  }

  /**
   * Returns a router with its threshold calibrated.
   *
   * @param statistics of its domains, those of its fit
   */
  public static RidgeRouter calibrated(RidgeRouter router, List<DomainStatistics> statistics) {
    return router.withAbstentionThreshold(
        threshold(
            ClassifierStack.of(router.domains(), router.pooling(), router.layers()),
            router.temperature(),
            statistics));
  }

  /**
   * A held-out prompt.
   *
   * @param confidence the highest probability of a domain
   * @param weight its share of its domain's prompts
   */
  private record Seen(double confidence, double weight) {}

  private static double threshold(
      ClassifierStack classifiers, double temperature, List<DomainStatistics> statistics) {
    List<Integer> states = classifiers.states();
    List<DomainStatistics> known =
        statistics.stream()
            .filter(domain -> !domain.domain().equals(RouterDomains.NONE_OF_THESE))
            .filter(domain -> domain.heldOutAsWritten() > 0)
            .filter(domain -> domain.states().stream().anyMatch(states::contains))
            .toList();
    boolean enough = known.stream().mapToInt(DomainStatistics::heldOutAsWritten).sum() >= ENOUGH;
    int none = classifiers.domains().indexOf(RouterDomains.NONE_OF_THESE);
    List<Seen> seen = new ArrayList<>();
    for (DomainStatistics domain : known) {
      // the other forms are less sure: with them the threshold errs on the side of answering
      int prompts = enough ? domain.heldOutAsWritten() : domain.heldOutCount();
      for (double[] probabilities : probabilities(domain, classifiers, temperature, prompts)) {
        double highest = 0;
        for (int k = 0; k < probabilities.length; k++) {
          highest = k == none ? highest : Math.max(highest, probabilities[k]);
        }
        seen.add(new Seen(highest, 1.0 / prompts / known.size()));
      }
    }
    return seen.isEmpty() ? DEFAULT : clamped(quantile(seen));
  }

  /** Returns what the router says of the first held-out prompts: [prompt][domain]. */
  private static double[][] probabilities(
      DomainStatistics domain, ClassifierStack classifiers, double temperature, int prompts) {
    double[][][] votes = new double[prompts][][];
    List<StateClassifier> kept =
        classifiers.classifiers().stream()
            .filter(classifier -> domain.states().contains(classifier.state()))
            .toList();
    for (int i = 0; i < kept.size(); i++) {
      float[][] rows = domain.heldOut(domain.states().indexOf(kept.get(i).state()));
      for (int prompt = 0; prompt < prompts; prompt++) {
        if (i == 0) {
          votes[prompt] = new double[kept.size()][];
        }
        votes[prompt][i] =
            classifiers.probabilities(kept.get(i).scoresOf(rows[prompt]), temperature);
      }
    }
    double[][] means = new double[prompts][];
    for (int prompt = 0; prompt < prompts; prompt++) {
      means[prompt] = Probabilities.mean(votes[prompt]);
    }
    return means;
  }

  /**
   * The highest confidence up to which at most the unanswered share lies, else the lowest of all:
   * of n prompts, the k-th leaves k / (n + 1) of unseen ones below it.
   */
  private static double quantile(List<Seen> seen) {
    List<Seen> ascending =
        seen.stream().sorted(Comparator.comparingDouble(Seen::confidence)).toList();
    double threshold = ascending.get(0).confidence();
    double share = 0;
    for (Seen prompt : ascending) {
      share += prompt.weight();
      if (share > UNANSWERED) {
        break;
      }
      threshold = prompt.confidence();
    }
    return threshold;
  }

  /** Rounded down, as a prompt in another batch may come out a rounding error lower. */
  private static double clamped(double threshold) {
    return Math.max(LOWEST, Math.min(HIGHEST, Math.floor(threshold * 100) / 100));
  }
}
