package io.github.moa4j.training.router;

import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.ridge.EarlyExit;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Lets a ridge router decide by its first states what these are very sure of, where that costs
 * nothing: no held-out prompt may get an adapter of another domain early that all states together
 * would have kept from it. Asked is this of every prompt as it is, and once more as if the router
 * had never heard of its domain.
 */
public final class EarlyExitCalibration {

  /** How many of the layers up to the last state come before the early decision, at least. */
  private static final double LAYERS = 0.25;

  private static final double CONFIDENCE = 0.99;

  /** Where fewer of the domains' prompts are decided early, what is read twice costs as much. */
  private static final double FEWEST_EARLY = 0.4;

  /** Fewer held-out prompts cannot tell what it costs. */
  private static final int ENOUGH = 50;

  private final ClassifierStack classifiers;
  private final double temperature;
  private final double threshold;
  private final int first;
  private int seen; // prompts as they are written, of the domains
  private int early; // of these

  private EarlyExitCalibration(RidgeRouter router, int first) {
    this.classifiers = ClassifierStack.of(router.domains(), router.pooling(), router.layers());
    this.temperature = router.temperature();
    this.threshold = router.settings().abstentionThreshold();
    this.first = first;
  }

  /**
   * Returns a router with an early exit, or the same where that costs something, brings nothing, or
   * is not known: without text of no domain, or with few prompts.
   *
   * @param router with its threshold calibrated
   * @param statistics of its domains and of what is of none, those of its fit
   */
  public static RidgeRouter calibrated(RidgeRouter router, List<DomainStatistics> statistics) {
    int first = firstStates(router.states());
    boolean foreignIsKnown = router.domains().contains(RouterDomains.NONE_OF_THESE);
    int heldOut = statistics.stream().mapToInt(DomainStatistics::heldOutCount).sum();
    if (first == router.states().size() || !foreignIsKnown || heldOut < ENOUGH) {
      return router;
    }
    EarlyExitCalibration exit = new EarlyExitCalibration(router, first);
    boolean harmless = statistics.stream().allMatch(exit::isHarmless);
    return harmless && exit.early >= FEWEST_EARLY * exit.seen
        ? router.withEarlyExit(new EarlyExit(first, CONFIDENCE))
        : router;
  }

  private static int firstStates(List<Integer> states) {
    double depth = LAYERS * states.get(states.size() - 1);
    return 1 + (int) states.stream().filter(state -> state < depth).count();
  }

  private boolean isHarmless(DomainStatistics statistics) {
    int own = classifiers.domains().indexOf(statistics.domain());
    boolean ofNone = statistics.domain().equals(RouterDomains.NONE_OF_THESE);
    List<float[][]> ofStates =
        IntStream.range(0, classifiers.classifiers().size()).mapToObj(statistics::heldOut).toList();
    for (int prompt = 0; prompt < statistics.heldOutCount(); prompt++) {
      double[][] scores = scores(ofStates, prompt);
      if (!ofNone && prompt < statistics.heldOutAsWritten()) {
        seen++;
        early += chosenEarly(scores) >= 0 ? 1 : 0;
      }
      if (isWrongEarly(scores, own)) {
        return false;
      }
      for (double[] ofState : scores) {
        ofState[own] = Double.NEGATIVE_INFINITY; // as if the router had never heard of it
      }
      if (!ofNone && isWrongEarly(scores, own)) {
        return false;
      }
    }
    return true;
  }

  /** Returns what a held-out prompt scores, [state][row]. */
  private double[][] scores(List<float[][]> ofStates, int prompt) {
    double[][] scores = new double[ofStates.size()][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = classifiers.classifiers().get(i).scoresOf(ofStates.get(i)[prompt]);
    }
    return scores;
  }

  private boolean isWrongEarly(double[][] scores, int own) {
    int atFirst = chosenEarly(scores);
    return atFirst >= 0 && atFirst != own && atFirst != chosen(scores, threshold);
  }

  private int chosenEarly(double[][] scores) {
    return chosen(Arrays.copyOf(scores, first), Math.max(CONFIDENCE, threshold));
  }

  /** Returns the place of the domain that is probable enough; -1 if none is. */
  private int chosen(double[][] scores, double least) {
    double[] probabilities = Probabilities.mean(classifiers.probabilities(scores, temperature));
    int best = 0;
    for (int k = 1; k < probabilities.length; k++) {
      best = probabilities[k] > probabilities[best] ? k : best;
    }
    boolean none = best == classifiers.domains().indexOf(RouterDomains.NONE_OF_THESE);
    return none || probabilities[best] < least ? -1 : best;
  }
}
