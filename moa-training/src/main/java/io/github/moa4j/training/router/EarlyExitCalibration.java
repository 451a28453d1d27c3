package io.github.moa4j.training.router;

import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.ridge.EarlyExit;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Lets a ridge router decide by its first states what these are very sure of, where that costs
 * nothing: no held-out prompt may get an adapter of another domain early that all states together
 * would have kept from it. Asked is this of every prompt as it is, and once more as if the router
 * had never heard of its domain.
 *
 * <p>A router that knows tokens may decide by these and the first state, before any layer has run.
 */
public final class EarlyExitCalibration {

  /** How many of the layers up to the last state come before a decision by states, at least. */
  private static final double LAYERS = 0.25;

  private static final double CONFIDENCE = 0.99;

  /** Where fewer of the domains' prompts are decided early, what is read twice costs as much. */
  private static final double FEWEST_EARLY = 0.4;

  /** Fewer held-out prompts cannot tell what it costs. */
  private static final int ENOUGH = 50;

  private final RidgeRouter router;
  private final int first;
  private int seen; // prompts as they are written, of the domains
  private int early; // of these

  private EarlyExitCalibration(RidgeRouter router, int first) {
    this.router = router;
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
    boolean foreignIsKnown = router.domains().contains(RouterDomains.NONE_OF_THESE);
    int heldOut = statistics.stream().mapToInt(DomainStatistics::heldOutCount).sum();
    if (!foreignIsKnown || heldOut < ENOUGH) {
      return router;
    }
    boolean withoutLayers = router.tokens().isPresent() && router.states().get(0) == 0;
    return Stream.of(withoutLayers ? 1 : firstStates(router.states()), firstStates(router.states()))
        .distinct()
        .filter(first -> first < router.states().size())
        .filter(first -> new EarlyExitCalibration(router, first).pays(statistics))
        .findFirst()
        .map(first -> router.withEarlyExit(new EarlyExit(first, CONFIDENCE)))
        .orElse(router);
  }

  private boolean pays(List<DomainStatistics> statistics) {
    return statistics.stream().allMatch(this::isHarmless) && early >= FEWEST_EARLY * seen;
  }

  private static int firstStates(List<Integer> states) {
    double depth = LAYERS * states.get(states.size() - 1);
    return 1 + (int) states.stream().filter(state -> state < depth).count();
  }

  private boolean isHarmless(DomainStatistics statistics) {
    String own = statistics.domain();
    boolean ofNone = own.equals(RouterDomains.NONE_OF_THESE);
    RidgeRouter atFirst = atFirst(router);
    Set<String> others = new HashSet<>(router.domains());
    others.remove(own);
    others.remove(RouterDomains.NONE_OF_THESE);
    Optional<RidgeRouter> forgetful = // as if it had never heard of the domain
        ofNone || others.isEmpty() ? Optional.empty() : Optional.of(router.usingDomains(others));
    for (int prompt = 0; prompt < statistics.heldOutCount(); prompt++) {
      if (!ofNone && prompt < statistics.heldOutAsWritten()) {
        seen++;
        early += atFirst.routeHeldOut(statistics, prompt).chosen().isPresent() ? 1 : 0;
      }
      if (isWrongEarly(router, statistics, prompt)
          || (forgetful.isPresent() && isWrongEarly(forgetful.get(), statistics, prompt))) {
        return false;
      }
    }
    return true;
  }

  private RidgeRouter atFirst(RidgeRouter whole) {
    double threshold = Math.max(CONFIDENCE, whole.settings().abstentionThreshold());
    return whole.usingFirstStates(first).withAbstentionThreshold(threshold);
  }

  private boolean isWrongEarly(RidgeRouter whole, DomainStatistics statistics, int prompt) {
    Optional<String> chosen = atFirst(whole).routeHeldOut(statistics, prompt).chosen();
    return chosen.isPresent()
        && !chosen.get().equals(statistics.domain())
        && !chosen.equals(whole.routeHeldOut(statistics, prompt).chosen());
  }
}
