package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.statistics.StateClassifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The classifiers of several states over the same domains, one above the other: what both stored
 * routers are made of.
 *
 * @param domains the domains, in the order of the scores
 * @param pooling which pooling of the prompt the classifiers read
 * @param classifiers one a state, in ascending order of the states
 */
public record ClassifierStack(
    RouterDomains domains, Pooling pooling, List<StateClassifier> classifiers) {

  /**
   * Checks that the classifiers fit the domains and each other.
   *
   * @throws RouterException if they do not
   */
  public ClassifierStack {
    classifiers = List.copyOf(classifiers);
    int numDomains = domains.names().size();
    if (numDomains == 0 || classifiers.isEmpty()) {
      throw new RouterException("A router needs at least one domain and one state.");
    }
    for (int i = 0; i < classifiers.size(); i++) {
      StateClassifier classifier = classifiers.get(i);
      if (classifier.numDomains() != numDomains
          || classifier.width() != classifiers.get(0).width()) {
        throw new RouterException(
            "The classifier of state "
                + classifier.state()
                + " scores "
                + classifier.numDomains()
                + " domains from width "
                + classifier.width()
                + ", expected "
                + numDomains
                + " domains and width "
                + classifiers.get(0).width()
                + ".");
      }
      if (i > 0 && classifier.state() <= classifiers.get(i - 1).state()) {
        throw new RouterException("A router's classifiers must be in ascending order of states.");
      }
    }
  }

  /**
   * Stacks classifiers.
   *
   * @param domains all different
   * @throws RouterException if the classifiers do not fit the domains or each other
   */
  public static ClassifierStack of(
      List<String> domains, Pooling pooling, List<StateClassifier> classifiers) {
    if (new HashSet<>(domains).size() != domains.size()) {
      throw new RouterException(
          "A router's domains must differ, but they are "
              + Failure.quote(domains.toString())
              + ".");
    }
    return new ClassifierStack(RouterDomains.of(domains), pooling, classifiers);
  }

  /** Returns the width of a pooled state. */
  public int width() {
    return classifiers.get(0).width();
  }

  /** Returns the states the classifiers read, ascending. */
  public List<Integer> states() {
    return classifiers.stream().map(StateClassifier::state).toList();
  }

  /** Keeps the classifiers of the first states only; the caller has checked their number. */
  public ClassifierStack first(int count) {
    return new ClassifierStack(domains, pooling, classifiers.subList(0, count));
  }

  /** Keeps the domains of a set, and none of these where it is known. */
  public ClassifierStack of(Set<String> wanted) {
    int[] places = domains.places(wanted);
    return places.length == domains.names().size()
        ? this
        : new ClassifierStack(
            domains.at(places),
            pooling,
            classifiers.stream().map(classifier -> classifier.domains(places)).toList());
  }

  /**
   * Returns the scores of each state's classifier, [classifier][domain].
   *
   * @throws RouterException if the prompt's states are too few or of another width
   */
  public double[][] scores(PromptStates prompt) {
    int highest = classifiers.get(classifiers.size() - 1).state();
    if (prompt.numStates() <= highest) {
      throw new RouterException(
          "The router reads states up to "
              + highest
              + ", but the prompt has "
              + prompt.numStates()
              + " states. Run the base further, or use fewer states of the router.");
    }
    double[][] scores = new double[classifiers.size()][];
    for (int i = 0; i < scores.length; i++) {
      int state = classifiers.get(i).state();
      scores[i] = classifiers.get(i).scores(pooling.of(prompt, state));
      Probabilities.requireFinite(scores[i], state);
    }
    return scores;
  }

  /**
   * Makes the decision.
   *
   * @param probabilities of each domain, over all states
   * @param votes [classifier][domain], what each state says
   */
  public RoutingDecision decide(
      double[] probabilities, double[][] votes, double abstentionThreshold) {
    List<StateVote> named = new ArrayList<>();
    for (int i = 0; i < votes.length; i++) {
      named.add(new StateVote(classifiers.get(i).state(), domains.named(votes[i])));
    }
    return RoutingDecision.of(domains.named(probabilities), named, abstentionThreshold);
  }
}
