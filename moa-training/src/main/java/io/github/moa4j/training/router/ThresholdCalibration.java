package io.github.moa4j.training.router;

import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds the abstention thresholds at which a router answers nearly all prompts of its domains, by
 * those held out, every domain weighing the same: a router of few or broad prompts is less sure
 * than one of many or narrow ones, and no fixed threshold suits both.
 *
 * <p>The layer-wise router has one threshold, which 98 % of the held-out prompts reach. Of a ridge
 * router each domain has its own, {@link DomainThresholds}.
 */
public final class ThresholdCalibration {

  private static final double UNANSWERED = 0.02; // by the layer-wise router

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
        threshold(seen(known, (domain, prompt) -> confidence(classifiers, domain, prompt))));
  }

  /**
   * Returns a router with its thresholds calibrated.
   *
   * @param statistics of its domains, those of its fit
   */
  public static RidgeRouter calibrated(RidgeRouter router, List<DomainStatistics> statistics) {
    Map<String, double[]> seen =
        seen(
            statistics,
            (domain, prompt) ->
                router.routeHeldOut(domain, prompt).probabilities().get(domain.domain()));
    if (seen.isEmpty()) {
      return router.withAbstentionThreshold(DEFAULT);
    }
    DomainThresholds thresholds = new DomainThresholds(seen, router.tokens().isPresent());
    return router.withAbstentionThresholds(
        clamped(thresholds.others()),
        seen.keySet().stream()
            .collect(Collectors.toMap(domain -> domain, domain -> clamped(thresholds.of(domain)))));
  }

  /** Returns what a router says of each domain's held-out prompts, of domains that have any. */
  private static Map<String, double[]> seen(
      List<DomainStatistics> statistics, ToDoubleBiFunction<DomainStatistics, Integer> confidence) {
    List<DomainStatistics> known =
        statistics.stream()
            .filter(domain -> !domain.domain().equals(RouterDomains.NONE_OF_THESE))
            .filter(domain -> domain.heldOutAsWritten() > 0)
            .toList();
    boolean enough = known.stream().mapToInt(DomainStatistics::heldOutAsWritten).sum() >= ENOUGH;
    Map<String, double[]> seen = new LinkedHashMap<>();
    for (DomainStatistics domain : known) {
      // the other forms are less sure: with them the threshold errs on the side of answering
      int prompts = enough ? domain.heldOutAsWritten() : domain.heldOutCount();
      seen.put(
          domain.domain(),
          IntStream.range(0, prompts)
              .mapToDouble(prompt -> confidence.applyAsDouble(domain, prompt))
              .toArray());
    }
    return seen;
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
   * A held-out prompt.
   *
   * @param confidence the highest probability of a domain
   * @param weight its share of its domain's prompts
   */
  private record Seen(double confidence, double weight) {}

  /**
   * The highest confidence up to which at most the unanswered share lies, else the lowest of all:
   * of n prompts, the k-th leaves k / (n + 1) of unseen ones below it.
   */
  private static double threshold(Map<String, double[]> seen) {
    List<Seen> ascending =
        seen.values().stream()
            .flatMap(
                domain ->
                    Arrays.stream(domain)
                        .mapToObj(
                            confidence -> new Seen(confidence, 1.0 / domain.length / seen.size())))
            .sorted(Comparator.comparingDouble(Seen::confidence))
            .toList();
    double threshold = DEFAULT;
    double share = 0;
    for (int i = 0; i < ascending.size(); i++) {
      share += ascending.get(i).weight();
      if (i > 0 && share > UNANSWERED) {
        break;
      }
      threshold = ascending.get(i).confidence();
    }
    return clamped(threshold);
  }

  /** Rounded down, as a prompt in another batch may come out a rounding error lower. */
  private static double clamped(double threshold) {
    return Math.max(LOWEST, Math.min(HIGHEST, Math.floor(threshold * 100) / 100));
  }
}
