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
 * @param probabilities domain to probability, in the router's order; they sum to 1. {@link
 *     RouterDomains#NONE_OF_THESE} is one of them where the router knows what belongs to no domain
 * @param chosen the domain whose adapter answers; empty if the base answers alone
 * @param confidence how sure the router is that the most probable domain is right, from 0 to 1
 * @param votes what each used state says, in the order of the states; empty where a router has none
 * @param abstention why no adapter answers; empty if one does
 */
public record RoutingDecision(
    Map<String, Double> probabilities,
    Optional<String> chosen,
    double confidence,
    List<StateVote> votes,
    Optional<Abstention> abstention) {

  /** Checks the probabilities, the confidence, and that the chosen domain is one of them. */
  public RoutingDecision {
    probabilities = NamedProbabilities.of(probabilities);
    votes = List.copyOf(votes);
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("A confidence lies between 0 and 1, not " + confidence);
    }
    if (chosen.isPresent() == abstention.isPresent()) {
      throw new IllegalArgumentException(
          "A decision chooses a domain or says why it abstains, one of them");
    }
    if (chosen.filter(RouterDomains.NONE_OF_THESE::equals).isPresent()) {
      throw new IllegalArgumentException("No adapter answers for " + chosen.get());
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
    return new RoutingDecision(
        Map.of(domain, 1.0), Optional.of(domain), 1, List.of(), Optional.empty());
  }

  /** Returns the decision that the base answers where no router was asked for its opinion. */
  public static RoutingDecision abstained(Abstention why) {
    return new RoutingDecision(
        Map.of(RouterDomains.NONE_OF_THESE, 1.0), Optional.empty(), 0, List.of(), Optional.of(why));
  }

  /**
   * Returns a router's decision: the most probable domain if it is probable enough, else the base
   * alone. The confidence is the highest probability of a domain.
   *
   * @param probabilities domain to probability, in the router's order; they sum to 1
   * @param votes what each used state says; empty where a router has none
   * @param abstentionThreshold the least confidence for an adapter, from 0 (an adapter always
   *     answers) to 1
   */
  public static RoutingDecision of(
      Map<String, Double> probabilities, List<StateVote> votes, double abstentionThreshold) {
    NamedProbabilities named = NamedProbabilities.of(probabilities);
    double confidence = Math.min(1, named.highest());
    return decided(named, confidence, votes, abstentionThreshold);
  }

  private static RoutingDecision decided(
      Map<String, Double> probabilities,
      double confidence,
      List<StateVote> votes,
      double threshold) {
    requireThreshold(threshold);
    NamedProbabilities named = NamedProbabilities.of(probabilities);
    String first = named.mostProbable();
    boolean none = named.noneOfThese() > named.highest();
    boolean answers = confidence >= threshold && (!none || threshold == 0);
    return answers && !first.equals(RouterDomains.NONE_OF_THESE)
        ? new RoutingDecision(named, Optional.of(first), confidence, votes, Optional.empty())
        : new RoutingDecision(
            named,
            Optional.empty(),
            confidence,
            votes,
            Optional.of(none ? Abstention.NONE_OF_THESE : Abstention.UNSURE));
  }

  /**
   * Returns by how much the most probable domain is more probable than what comes next, be it
   * another domain or none of these; negative if none of these is more probable than every domain.
   */
  public double margin() {
    NamedProbabilities named = NamedProbabilities.of(probabilities);
    double next = mostProbableFirst().skip(1).findFirst().map(probabilities::get).orElse(0.0);
    return named.highest() - Math.max(next, named.noneOfThese());
  }

  /** How probable it is that the prompt is of no domain; 0 where the router cannot tell. */
  public double noneOfThese() {
    return NamedProbabilities.of(probabilities).noneOfThese();
  }

  /** Returns the indices of the states that were read of the prompt, ascending. */
  public List<Integer> statesRead() {
    return votes.stream().map(StateVote::state).toList();
  }

  /**
   * Returns the most probable domain, whether it was chosen or not; {@link
   * RouterDomains#NONE_OF_THESE} only where no domain took part.
   */
  public String mostProbable() {
    return NamedProbabilities.of(probabilities).mostProbable();
  }

  /**
   * Decides with a threshold: below it, or where none of the domains is more probable than each of
   * them, the base answers alone.
   *
   * @param threshold the least confidence for an adapter, from 0 (an adapter always answers) to 1
   * @return this decision with {@link #chosen} set anew
   */
  public RoutingDecision decide(double threshold) {
    boolean routed = abstention.map(RoutingDecision::isOfTheRouter).orElse(true);
    return routed ? decided(probabilities, confidence, votes, threshold) : this;
  }

  private static boolean isOfTheRouter(Abstention why) {
    return why == Abstention.UNSURE || why == Abstention.NONE_OF_THESE;
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
  public Stream<String> mostProbableFirst() {
    return NamedProbabilities.of(probabilities).mostProbableFirst();
  }
}
