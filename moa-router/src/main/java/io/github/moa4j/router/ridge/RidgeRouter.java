package io.github.moa4j.router.ridge;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.TokenClassifier;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.Probabilities;
import io.github.moa4j.router.statistics.internal.TokenGrams;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A closed-form router: for each used state a ridge regression of the pooled state onto one-hot
 * domain labels; a softmax with one fitted temperature makes a state's scores probabilities, and
 * the states' probabilities are averaged, so that it is sure only where the states agree. It is
 * fitted from {@link DomainStatistics} alone, so adding or removing a domain takes a refit (one
 * Cholesky factorisation a state) and no domain's data.
 *
 * <p>Where the statistics know the prompts' tokens, a {@link TokenClassifier} says as much as all
 * states together: the router is sure where both are. Where each domain has learnt to tell its
 * tokens from those of no domain, tokens that are so told say as much again as either.
 *
 * <p>What a domain must reach to answer may be its own: {@link #withAbstentionThresholds}.
 *
 * <p>Every domain weighs the same, whatever its number of prompts. With μ_k and M_k the mean and
 * second moment of domain k and averages over the K domains μ = avg μ_k, C = avg M_k − μμᵀ, the
 * features are standardised by the diagonal of C and the weights are w_k = (C + λI)⁻¹ (μ_k − μ) /
 * K.
 */
public final class RidgeRouter implements Router {

  private final ClassifierStack classifiers;
  private final RidgeSettings settings;
  private final double temperature;
  private final Map<String, Double> thresholds; // of domains that have their own
  private final Optional<EarlyExit> earlyExit;

  RidgeRouter(ClassifierStack classifiers, RidgeSettings settings, double temperature) {
    this(classifiers, settings, temperature, Map.of(), Optional.empty());
  }

  private RidgeRouter(
      ClassifierStack classifiers,
      RidgeSettings settings,
      double temperature,
      Map<String, Double> thresholds,
      Optional<EarlyExit> earlyExit) {
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new RouterException(
          "The temperature of a ridge router must be above 0 and finite, but is "
              + temperature
              + ".");
    }
    this.classifiers = classifiers;
    this.settings = settings;
    this.temperature = temperature;
    Map<String, Double> known = new HashMap<>(thresholds);
    known.keySet().retainAll(Set.copyOf(domains()));
    this.thresholds = Map.copyOf(known);
    this.earlyExit = earlyExit;
  }

  /**
   * Fits a router.
   *
   * @param statistics the statistics of every domain it shall know, in the order of its domains;
   *     iterated once, so they may be read one by one
   * @param settings regularization and abstention
   * @throws RouterException if there is no domain, one has no prompts or occurs twice, or their
   *     poolings, states or widths differ
   */
  public static RidgeRouter fit(Iterable<DomainStatistics> statistics, RidgeSettings settings) {
    RidgeSums sums = new RidgeSums();
    for (DomainStatistics domain : statistics) {
      sums.add(domain);
    }
    return sums.router(settings);
  }

  /**
   * Creates a router of what an earlier fit found.
   *
   * @param domains the domains, in the order of the classifiers' scores; see {@link
   *     io.github.moa4j.router.RouterDomains#NONE_OF_THESE}
   * @param pooling which pooling of the prompts the classifiers read
   * @param layers the classifiers, in ascending order of the states they read
   * @param settings those of the fit
   * @param temperature of the softmax over a state's scores, positive
   * @throws RouterException if the classifiers do not fit the domains or each other, or the
   *     temperature is not positive
   */
  public static RidgeRouter of(
      List<String> domains,
      Pooling pooling,
      List<StateClassifier> layers,
      RidgeSettings settings,
      double temperature) {
    return new RidgeRouter(ClassifierStack.of(domains, pooling, layers), settings, temperature);
  }

  /**
   * Returns this router with a classifier of tokens beside those of the states.
   *
   * @param tokens of as many rows
   * @throws RouterException if it has another number of rows
   */
  public RidgeRouter withTokens(TokenClassifier tokens) {
    ClassifierStack both =
        new ClassifierStack(
            classifiers.domains(),
            classifiers.pooling(),
            classifiers.classifiers(),
            Optional.of(tokens));
    return new RidgeRouter(both, settings, temperature, thresholds, earlyExit);
  }

  @Override
  public List<String> domains() {
    return classifiers.domains().names();
  }

  @Override
  public RoutingDecision route(PromptStates states) {
    return decide(classifiers.scores(states), TokenGrams.of(states.tokens()));
  }

  /**
   * Decides on a prompt that statistics hold out.
   *
   * @param statistics of the states, pooled as the router reads them
   * @param prompt index of the prompt
   */
  public RoutingDecision routeHeldOut(DomainStatistics statistics, int prompt) {
    List<int[]> grams = statistics.heldOutGrams();
    return decide(
        classifiers.scores(statistics, prompt), grams.isEmpty() ? new int[0] : grams.get(prompt));
  }

  private RoutingDecision decide(double[][] scores, int[] grams) {
    double[][] layers = classifiers.probabilities(scores, temperature);
    RoutingDecision decision =
        classifiers.decide(
            classifiers.withTokens(Probabilities.mean(layers), grams),
            layers,
            settings.abstentionThreshold());
    Double own = thresholds.get(decision.mostProbable());
    return own == null ? decision : decision.decide(own);
  }

  @Override
  public RidgeRouter usingFirstStates(int count) {
    Router.requireStates(this, count);
    return new RidgeRouter(
        classifiers.first(count), settings, temperature, thresholds, Optional.empty());
  }

  @Override
  public RidgeRouter usingDomains(Set<String> wanted) {
    return new RidgeRouter(classifiers.of(wanted), settings, temperature, thresholds, earlyExit);
  }

  /** Returns this router with one abstention threshold, from 0 (never abstain) to 1. */
  public RidgeRouter withAbstentionThreshold(double threshold) {
    return withAbstentionThresholds(threshold, Map.of());
  }

  /**
   * Returns this router with thresholds of single domains: a domain whose prompts are told apart
   * easily can ask for more than one whose prompts are not.
   *
   * @param others the threshold of all other domains
   * @param ofDomains each from 0 (never abstain) to 1; of a domain it does not know it is left out
   */
  public RidgeRouter withAbstentionThresholds(double others, Map<String, Double> ofDomains) {
    ofDomains.values().forEach(RoutingDecision::requireThreshold);
    return new RidgeRouter(
        classifiers,
        new RidgeSettings(settings.regularization(), others),
        temperature,
        ofDomains,
        earlyExit);
  }

  /** Returns the thresholds of the domains that have one of their own; unmodifiable. */
  public Map<String, Double> abstentionThresholds() {
    return thresholds;
  }

  /**
   * Returns this router with an early exit: {@link #early} decides on prompts of which the first
   * states are as sure.
   *
   * @throws RouterException if it reads no more than these states
   */
  public RidgeRouter withEarlyExit(EarlyExit exit) {
    if (exit.states() >= states().size()) {
      throw new RouterException(
          "A router of "
              + states().size()
              + " states cannot exit early after "
              + exit.states()
              + " of them.");
    }
    return new RidgeRouter(classifiers, settings, temperature, thresholds, Optional.of(exit));
  }

  /** Returns when the first states suffice; empty if all are read always. */
  public Optional<EarlyExit> earlyExit() {
    return earlyExit;
  }

  @Override
  public Optional<Router> early() {
    return earlyExit.map(
        exit ->
            usingFirstStates(exit.states())
                .withAbstentionThreshold(Math.max(exit.confidence(), highestThreshold())));
  }

  private double highestThreshold() {
    return thresholds.values().stream().reduce(settings.abstentionThreshold(), Math::max);
  }

  /** Returns the classifier of tokens; none where it has not learnt any. */
  public Optional<TokenClassifier> tokens() {
    return classifiers.tokens();
  }

  /** Returns the settings it was fitted with. */
  public RidgeSettings settings() {
    return settings;
  }

  /** Returns the temperature of its softmax. */
  public double temperature() {
    return temperature;
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
