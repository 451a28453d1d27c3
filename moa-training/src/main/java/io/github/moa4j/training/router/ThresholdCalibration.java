package io.github.moa4j.training.router;

import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * Finds the abstention threshold at which a router answers 98 % of the held-out prompts of its
 * domains, or 99 % where it reads tokens too, every domain weighing the same: a router of few or
 * broad prompts is less sure than one of many or narrow ones, and no fixed threshold suits both.
 */
public final class ThresholdCalibration {

  private static final double UNANSWERED = 0.02;

  /** Where the tokens say as much as the states, what is of no domain is told apart better. */
  private static final double UNANSWERED_BY_TOKENS = 0.01;

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
    List<DomainStatistics> known =
        statistics.stream()
            .filter(domain -> domain.states().stream().anyMatch(router.states()::contains))
            .toList();
    ClassifierStack classifiers =
        ClassifierStack.of(router.domains(), router.pooling(), router.layers());
    return router.withAbstentionThreshold(
        threshold(known, UNANSWERED, (domain, prompt) -> confidence(classifiers, domain, prompt)));
  }

  /**
   * Returns a router with its threshold calibrated.
   *
   * @param statistics of its domains, those of its fit
   */
  public static RidgeRouter calibrated(RidgeRouter router, List<DomainStatistics> statistics) {
    return router.withAbstentionThreshold(
        threshold(
            statistics,
            router.tokens().isPresent() ? UNANSWERED_BY_TOKENS : UNANSWERED,
            (domain, prompt) -> router.routeHeldOut(domain, prompt).confidence()));
  }

  /**
   * A held-out prompt.
   *
   * @param confidence the highest probability of a domain
   * @param weight its share of its domain's prompts
   */
  private record Seen(double confidence, double weight) {}

  private static double threshold(
      List<DomainStatistics> statistics,
      double unanswered,
      ToDoubleBiFunction<DomainStatistics, Integer> confidence) {
    List<DomainStatistics> known =
        statistics.stream()
            .filter(domain -> !domain.domain().equals(RouterDomains.NONE_OF_THESE))
            .filter(domain -> domain.heldOutAsWritten() > 0)
            .toList();
    boolean enough = known.stream().mapToInt(DomainStatistics::heldOutAsWritten).sum() >= ENOUGH;
    List<Seen> seen = new ArrayList<>();
    for (DomainStatistics domain : known) {
      // the other forms are less sure: with them the threshold errs on the side of answering
      int prompts = enough ? domain.heldOutAsWritten() : domain.heldOutCount();
      for (int prompt = 0; prompt < prompts; prompt++) {
        seen.add(new Seen(confidence.applyAsDouble(domain, prompt), 1.0 / prompts / known.size()));
      }
    }
    return seen.isEmpty() ? DEFAULT : clamped(quantile(seen, unanswered));
  }

  /** Returns the highest probability of a domain, by those of the states that are kept. */
  private static double confidence(
      ClassifierStack classifiers, DomainStatistics domain, int prompt) {
    double[][] votes =
        classifiers.classifiers().stream()
            .filter(classifier -> domain.states().contains(classifier.state()))
            .map(
                classifier ->
                    classifiers.probabilities(
                        classifier.scoresOf(
                            domain.heldOut(domain.states().indexOf(classifier.state()))[prompt]),
                        1))
            .toArray(double[][]::new);
    double[] probabilities = Probabilities.mean(votes);
    int none = classifiers.domains().indexOf(RouterDomains.NONE_OF_THESE);
    double highest = 0;
    for (int k = 0; k < probabilities.length; k++) {
      highest = k == none ? highest : Math.max(highest, probabilities[k]);
    }
    return highest;
  }

  /**
   * The highest confidence up to which at most the unanswered share lies, else the lowest of all:
   * of n prompts, the k-th leaves k / (n + 1) of unseen ones below it.
   */
  private static double quantile(List<Seen> seen, double unanswered) {
    List<Seen> ascending =
        seen.stream().sorted(Comparator.comparingDouble(Seen::confidence)).toList();
    double threshold = ascending.get(0).confidence();
    double share = 0;
    for (Seen prompt : ascending) {
      share += prompt.weight();
      if (share > unanswered) {
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
