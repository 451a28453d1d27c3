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
 * so many deviations s below m. How many is fixed: what share of prompts lies below it is more than
 * a few held-out ones can tell.
 */
final class DomainThresholds {

  private static final double DEVIATIONS = 3.9;

  /** States alone tell less of what is of no domain. */
  private static final double DEVIATIONS_OF_STATES = 3.25;

  /** From here on a probability says no more than that the prompt is of the domain. */
  private static final double SURE = 0.999;

  /** The mean of all domains weighs as much as so many prompts of one. */
  private static final double PRIOR_PROMPTS = 160;

  private final Map<String, Spread> spreads = new LinkedHashMap<>();
  private final Spread all;
  private final double deviations;

  /**
   * Finds the thresholds.
   *
   * @param probabilities that held-out prompts of each domain are of it; one at least of each
   * @param byTokens whether the router reads tokens beside states
   */
  DomainThresholds(Map<String, double[]> probabilities, boolean byTokens) {
    probabilities.forEach((domain, own) -> spreads.put(domain, Spread.of(own)));
    this.all = Spread.mean(spreads.values());
    spreads.replaceAll((domain, own) -> own.towards(all, probabilities.get(domain).length));
    this.deviations = byTokens ? DEVIATIONS : DEVIATIONS_OF_STATES;
  }

  /** Returns the threshold of a domain. */
  double of(String domain) {
    return spreads.get(domain).below(deviations);
  }

  /** Returns the threshold of a domain of which nothing is known. */
  double others() {
    return all.below(deviations);
  }

  /** Mean and variance of the logits of a domain's prompts. */
  private record Spread(double mean, double variance) {

    static Spread of(double[] probabilities) {
      double[] logits = Arrays.stream(probabilities).map(Spread::logit).toArray();
      double mean = Arrays.stream(logits).average().orElseThrow();
      double variance =
          Arrays.stream(logits).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
      return new Spread(mean, variance);
    }

    private static double logit(double probability) {
      double p = Math.max(1 - SURE, Math.min(SURE, probability));
      return Math.log(p / (1 - p));
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

    /** Returns the probability that lies so many deviations below the mean. */
    double below(double deviations) {
      return 1 / (1 + Math.exp(deviations * Math.sqrt(variance) - mean));
    }
  }
}
