package io.github.moa4j.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The classifiers of several states over the same domains: what both routers are made of.
 *
 * @param domains the domains, in the order of the scores
 * @param pooling which pooling of the prompt the classifiers read
 * @param classifiers one a state, in ascending order of the states
 */
record StateClassifiers(List<String> domains, Pooling pooling, List<StateClassifier> classifiers) {

  StateClassifiers {
    domains = List.copyOf(domains);
    classifiers = List.copyOf(classifiers);
    if (domains.isEmpty() || classifiers.isEmpty()) {
      throw new RouterException("A router needs at least one domain and one state.");
    }
    if (new HashSet<>(domains).size() != domains.size()) {
      throw new RouterException("A router's domains must differ, but they are " + domains + ".");
    }
    for (int i = 0; i < classifiers.size(); i++) {
      StateClassifier classifier = classifiers.get(i);
      if (classifier.numDomains() != domains.size()
          || classifier.width() != classifiers.get(0).width()) {
        throw new RouterException(
            "The classifier of state "
                + classifier.state()
                + " scores "
                + classifier.numDomains()
                + " domains from width "
                + classifier.width()
                + ", expected "
                + domains.size()
                + " domains and width "
                + classifiers.get(0).width()
                + ".");
      }
      if (i > 0 && classifier.state() <= classifiers.get(i - 1).state()) {
        throw new RouterException("A router's classifiers must be in ascending order of states.");
      }
    }
  }

  int width() {
    return classifiers.get(0).width();
  }

  List<Integer> states() {
    return classifiers.stream().map(StateClassifier::state).toList();
  }

  /** Keeps the classifiers of the first states only. */
  StateClassifiers first(int count) {
    if (count < 1 || count > classifiers.size()) {
      throw new RouterException(
          "The router reads "
              + classifiers.size()
              + " states, so between 1 and "
              + classifiers.size()
              + " of them can be used, not "
              + count
              + ".");
    }
    return new StateClassifiers(domains, pooling, classifiers.subList(0, count));
  }

  /** Returns the scores of each state's classifier, [classifier][domain]. */
  double[][] scores(PromptStates prompt) {
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
      scores[i] = classifiers.get(i).scores(pooling.of(prompt, classifiers.get(i).state()));
    }
    return scores;
  }

  /** Names the probabilities of each classifier. */
  List<LayerVote> votes(double[][] probabilities) {
    List<LayerVote> votes = new ArrayList<>();
    for (int i = 0; i < probabilities.length; i++) {
      votes.add(
          new LayerVote(
              classifiers.get(i).state(), Probabilities.named(domains, probabilities[i])));
    }
    return votes;
  }

  /** Makes the decision for a distribution whose highest probability is the confidence. */
  RoutingDecision decide(double[] probabilities, double[][] votes, double abstentionThreshold) {
    double confidence = Math.min(1, probabilities[Probabilities.indexOfHighest(probabilities)]);
    return new RoutingDecision(
            Probabilities.named(domains, probabilities), Optional.empty(), confidence, votes(votes))
        .decide(abstentionThreshold);
  }
}
