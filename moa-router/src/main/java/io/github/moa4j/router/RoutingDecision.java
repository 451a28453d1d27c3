package io.github.moa4j.router;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which adapter answers a prompt. The decision is taken once, from the prompt alone, and holds
 * until the answer ends.
 *
 * @param probabilities domain to probability, in the router's order; they sum to 1
 * @param chosen the domain whose adapter answers; empty if the base answers alone
 * @param confidence how sure the router is that the most probable domain is right, from 0 to 1
 * @param votes what each used state says, in the order of the states; empty where a router has none
 */
public record RoutingDecision(
    Map<String, Double> probabilities,
    Optional<String> chosen,
    double confidence,
    List<StateVote> votes) {

  private static final double SUM_TOLERANCE = 1e-6;

  /** Checks the probabilities, the confidence, and that the chosen domain is one of them. */
  public RoutingDecision {
    probabilities = distribution(probabilities);
    votes = List.copyOf(votes);
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("A confidence lies between 0 and 1, not " + confidence);
    }
    if (chosen.isPresent() && !probabilities.containsKey(chosen.get())) {
      throw new IllegalArgumentException(
          "The chosen domain '"
              + chosen.get()
              + "' is not among the router's domains "
              + probabilities.keySet());
    }
  }

  /**
   * Returns the decision of a caller who names the domain.
   *
   * @param domain the domain the caller named
   * @return a decision for it, with probability and confidence 1 and no votes
   */
  public static RoutingDecision explicit(String domain) {
    Map<String, Double> certain = new LinkedHashMap<>();
    certain.put(domain, 1.0);
    return new RoutingDecision(certain, Optional.of(domain), 1, List.of());
  }

  /**
   * Returns a router's decision: the most probable domain if it is probable enough, else the base
   * alone. The confidence is the highest probability.
   *
   * @param probabilities domain to probability, in the router's order; they sum to 1
   * @param votes what each used state says; empty where a router has none
   * @param abstentionThreshold the least confidence for an adapter, from 0 (an adapter always
   *     answers) to 1
   */
  public static RoutingDecision of(
      Map<String, Double> probabilities, List<StateVote> votes, double abstentionThreshold) {
    double highest = probabilities.values().stream().mapToDouble(p -> p).max().orElse(0);
    return new RoutingDecision(probabilities, Optional.empty(), Math.min(1, highest), votes)
        .decide(abstentionThreshold);
  }

  /** Returns the most probable domain, whether it was chosen or not. */
  public String mostProbable() {
    return mostProbable(probabilities);
  }

  /**
   * Decides with a threshold: below it the base answers alone.
   *
   * @param threshold the least confidence for an adapter, from 0 (an adapter always answers) to 1
   * @return this decision with {@link #chosen} set anew
   */
  public RoutingDecision decide(double threshold) {
    requireThreshold(threshold);
    return new RoutingDecision(
        probabilities,
        confidence >= threshold ? Optional.of(mostProbable()) : Optional.empty(),
        confidence,
        votes);
  }

  /** Returns this decision with the base answering alone. */
  RoutingDecision withoutAdapter() {
    return new RoutingDecision(probabilities, Optional.empty(), confidence, votes);
  }

  /**
   * Checks an abstention threshold.
   *
   * @throws IllegalArgumentException if it does not lie between 0 and 1
   */
  public static void requireThreshold(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "The abstention threshold must lie between 0 (never abstain) and 1, but is " + threshold);
    }
  }

  /** Returns an unmodifiable copy in the same order, after checking that it is a distribution. */
  static Map<String, Double> distribution(Map<String, Double> probabilities) {
    double sum = 0;
    for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
      double probability = entry.getValue();
      if (!(probability >= 0 && probability <= 1 + SUM_TOLERANCE)) {
        throw new IllegalArgumentException(
            "The probability of domain '" + entry.getKey() + "' is " + probability);
      }
      sum += probability;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new IllegalArgumentException("Probabilities over domains sum to " + sum + ", not to 1");
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
  }

  /** Returns the domain of the highest probability, the first of equals. */
  static String mostProbable(Map<String, Double> probabilities) {
    String best = null;
    double highest = -1;
    for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
      if (entry.getValue() > highest) {
        highest = entry.getValue();
        best = entry.getKey();
      }
    }
    return best;
  }
}
