package io.github.moa4j.training.router;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What probability each domain must reach to answer. A domain whose prompts are told apart easily
 * can ask for much at no cost, and should: what is of no known domain goes to it as well as to one
 * whose own prompts reach less.
 *
 * <p>With m and s the mean and the deviation of ln(p / (1 − p)) over a domain's held-out prompts,
 * drawn towards the mean of all domains, as some dozens of prompts say little: its threshold lies
 * at m + t · s, with one t for all domains. That is where the given share of all held-out prompts
 * would lie below, were what lies below their twentieth exponential. A quantile that few prompts
 * decide would jump from one to the next.
 */
final class DomainThresholds {

  /** The share of the domains' prompts that shall stay unanswered. */
  private static final double UNANSWERED = 0.0035;

  /** States alone tell less of what is of no domain. */
  private static final double UNANSWERED_BY_STATES = 0.01;

  /** From here on a probability says no more than that the prompt is of the domain. */
  private static final double SURE = 0.999;

  /** The mean of all domains weighs as much as so many prompts of one. */
  private static final double PRIOR_PROMPTS = 160;

  private static final double LEAST_DEVIATION = 1e-6;

  private static final double TAIL = 0.05;
  private static final int FEWEST_OF_TAIL = 2;

  private final Map<String, Spread> spreads = new LinkedHashMap<>();
  private final Spread all;
  private final double t;

  private DomainThresholds(Map<String, double[]> probabilities, double unanswered) {
    Map<String, double[]> logits = new LinkedHashMap<>();
    probabilities.forEach(
        (domain, own) ->
            logits.put(domain, Arrays.stream(own).map(DomainThresholds::logit).toArray()));
    this.all = Spread.mean(logits.values().stream().map(Spread::of).toList());
    logits.forEach((domain, own) -> spreads.put(domain, Spread.of(own).towards(all, own.length)));
    double[] scaled =
        logits.entrySet().stream()
            .flatMapToDouble(
                domain ->
                    Arrays.stream(domain.getValue()).map(spreads.get(domain.getKey())::scaled))
            .sorted()
            .toArray();
    this.t = tail(scaled, unanswered);
  }

  /**
   * Finds the thresholds.
   *
   * @param probabilities that held-out prompts of each domain are of it; one at least of each
   * @param byTokens whether the router reads tokens beside states
   */
  static DomainThresholds of(Map<String, double[]> probabilities, boolean byTokens) {
    return new DomainThresholds(probabilities, byTokens ? UNANSWERED : UNANSWERED_BY_STATES);
  }

  /** Returns the threshold of a domain. */
  double of(String domain) {
    return probability(spreads.get(domain).at(t));
  }

  /** Returns the threshold of a domain of which nothing is known. */
  double others() {
    return probability(all.at(t));
  }

  private static double tail(double[] ascending, double unanswered) {
    int below = Math.max(FEWEST_OF_TAIL, (int) Math.ceil(TAIL * ascending.length));
    if (below >= ascending.length) {
      return ascending[0];
    }
    double edge = ascending[below];
    double excess = Arrays.stream(ascending, 0, below).map(value -> edge - value).sum() / below;
    return edge - excess * Math.log((double) below / ascending.length / unanswered);
  }

  private static double logit(double probability) {
    double p = Math.max(1 - SURE, Math.min(SURE, probability));
    return Math.log(p / (1 - p));
  }

  private static double probability(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }

  /** Mean and variance of the logits of a domain's prompts. */
  private record Spread(double mean, double variance) {

    static Spread of(double[] logits) {
      double mean = Arrays.stream(logits).average().orElseThrow();
      double variance =
          Arrays.stream(logits).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
      return new Spread(mean, variance);
    }

    static Spread mean(Collection<Spread> spreads) {
      return new Spread(
          spreads.stream().mapToDouble(Spread::mean).average().orElseThrow(),
          spreads.stream().mapToDouble(Spread::variance).average().orElseThrow());
    }

    /** Returns this spread of so many prompts, drawn towards that of all domains. */
    Spread towards(Spread all, int prompts) {
      double own = prompts / (prompts + PRIOR_PROMPTS);
      return new Spread(
          own * mean + (1 - own) * all.mean, own * variance + (1 - own) * all.variance);
    }

    double scaled(double logit) {
      return (logit - mean) / deviation();
    }

    double at(double scaled) {
      return mean + scaled * deviation();
    }

    /** Above 0: prompts that are all sure alike have none. */
    private double deviation() {
      return Math.max(LEAST_DEVIATION, Math.sqrt(variance));
    }
  }
}
