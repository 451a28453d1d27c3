package io.github.moa4j.router;

import io.github.moa4j.core.files.Failure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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

  /** Checks the probabilities, the confidence, and that the chosen domain is one of them. */
  public RoutingDecision {
    probabilities = NamedProbabilities.of(probabilities);
    votes = List.copyOf(votes);
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("A confidence lies between 0 and 1, not " + confidence);
    }
    if (chosen.isPresent() && !probabilities.containsKey(chosen.get())) {
      throw new IllegalArgumentException(
          "The chosen domain '"
              + chosen.get()
              + "' is not among the router's domains "
              + Failure.quote(probabilities.keySet().toString()));
    }
  }

  /**
   * Returns the decision of a caller who names the domain.
   *
   * @param domain the domain the caller named
   * @return a decision for it, with probability and confidence 1 and no votes
   */
  public static RoutingDecision explicit(String domain) {
    return new RoutingDecision(Map.of(domain, 1.0), Optional.of(domain), 1, List.of());
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
    NamedProbabilities named = NamedProbabilities.of(probabilities);
    return new RoutingDecision(named, Optional.empty(), Math.min(1, named.highest()), votes)
        .decide(abstentionThreshold);
  }

  /** Returns the most probable domain, whether it was chosen or not. */
  public String mostProbable() {
    return NamedProbabilities.of(probabilities).mostProbable();
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

  /** The domains from the most probable on, each looked for when it is asked for. */
  Stream<String> mostProbableFirst() {
    return NamedProbabilities.of(probabilities).mostProbableFirst();
  }
}
