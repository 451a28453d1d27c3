package io.github.moa4j.router.layerwise;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import java.util.List;
import java.util.Set;

/**
 * The router of the paper (Feng et al., 2024): each layer l has its own R_l, and p_l = softmax(R_l
 * h_l + b_l) on the pooled state h_l that enters the layer. For a whole sequence the layers'
 * probabilities are combined into one decision; a pass in which every layer follows its own router
 * asks {@link #probabilities} layer by layer.
 */
public final class LayerwiseRouter implements Router {

  private final ClassifierStack classifiers;
  private final VoteCombination combination;
  private final double abstentionThreshold;
  private final RoutingMode trainedFor;

  private LayerwiseRouter(
      ClassifierStack classifiers,
      VoteCombination combination,
      double abstentionThreshold,
      RoutingMode trainedFor) {
    RoutingDecision.requireThreshold(abstentionThreshold);
    this.classifiers = classifiers;
    this.combination = combination;
    this.abstentionThreshold = abstentionThreshold;
    this.trainedFor = trainedFor;
  }

  /**
   * Creates a router of trained classifiers. It averages the layers' probabilities, never abstains,
   * and counts as trained on the states of the base's own pass.
   *
   * @param domains the domains, in the order of the classifiers' scores; see {@link
   *     io.github.moa4j.router.RouterDomains#NONE_OF_THESE}
   * @param pooling which pooling of the prompts the classifiers read
   * @param layers the classifiers, in ascending order of the states they read
   * @throws RouterException if the classifiers do not fit the domains or each other
   */
  public static LayerwiseRouter of(
      List<String> domains, Pooling pooling, List<StateClassifier> layers) {
    return new LayerwiseRouter(
        ClassifierStack.of(domains, pooling, layers),
        VoteCombination.AVERAGE,
        0,
        RoutingMode.SEQUENCE);
  }

  @Override
  public List<String> domains() {
    return classifiers.domains().names();
  }

  @Override
  public RoutingDecision route(PromptStates states) {
    double[][] layers = classifiers.probabilities(classifiers.scores(states), 1);
    return classifiers.decide(combination.combine(layers), layers, abstentionThreshold);
  }

  /**
   * Returns what one layer says.
   *
   * @param state index of the state, the layer it enters; one of {@link #states()}
   * @param pooled the pooled state of the prompt, [hiddenSize]
   * @return [domain], in the order of {@link #domains()}; they sum to 1
   * @throws RouterException if no classifier reads that state, or the width differs
   */
  public double[] probabilities(int state, float[] pooled) {
    for (StateClassifier classifier : classifiers.classifiers()) {
      if (classifier.state() == state) {
        return classifiers.probabilities(classifier.scores(pooled), 1);
      }
    }
    throw new RouterException(
        "The router does not read state " + state + ", only " + states() + ".");
  }

  @Override
  public LayerwiseRouter usingFirstStates(int count) {
    Router.requireStates(this, count);
    return new LayerwiseRouter(
        classifiers.first(count), combination, abstentionThreshold, trainedFor);
  }

  @Override
  public LayerwiseRouter usingDomains(Set<String> wanted) {
    return new LayerwiseRouter(
        classifiers.of(wanted), combination, abstentionThreshold, trainedFor);
  }

  /** Returns this router with another abstention threshold, from 0 (never abstain) to 1. */
  public LayerwiseRouter withAbstentionThreshold(double threshold) {
    return new LayerwiseRouter(classifiers, combination, threshold, trainedFor);
  }

  /** Returns this router with another combination of the layers' votes. */
  public LayerwiseRouter withCombination(VoteCombination votes) {
    return new LayerwiseRouter(classifiers, votes, abstentionThreshold, trainedFor);
  }

  /**
   * Returns this router with another word on the states it was trained on: those of the base's own
   * pass, or also those that its own choices shape from layer to layer. Only the latter serves
   * {@link RoutingMode#PER_LAYER}.
   */
  public LayerwiseRouter withTrainedFor(RoutingMode mode) {
    return new LayerwiseRouter(classifiers, combination, abstentionThreshold, mode);
  }

  /** Returns the mode whose states it was trained on. */
  public RoutingMode trainedFor() {
    return trainedFor;
  }

  /** Returns the confidence below which the base answers alone. */
  public double abstentionThreshold() {
    return abstentionThreshold;
  }

  /** Returns how the layers' votes become one decision. */
  public VoteCombination combination() {
    return combination;
  }

  /** Returns which pooling of the prompts it reads. */
  public Pooling pooling() {
    return classifiers.pooling();
  }

  @Override
  public List<Integer> states() {
    return classifiers.states();
  }

  /** Returns the classifiers, in the order of {@link #states()}. */
  public List<StateClassifier> layers() {
    return classifiers.classifiers();
  }
}
