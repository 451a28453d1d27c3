package io.github.moa4j.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import java.util.List;

/**
 * A closed-form router: for each used state a ridge regression of the pooled state onto one-hot
 * domain labels; a softmax with one fitted temperature makes a state's scores probabilities, and
 * the states' probabilities are averaged, so that it is sure only where the states agree. It is
 * fitted from {@link DomainStatistics} alone, so adding or removing a domain takes a refit (one
 * Cholesky factorisation a state) and no domain's data.
 *
 * <p>Every domain weighs the same, whatever its number of prompts. With μ_k and M_k the mean and
 * second moment of domain k and averages over the K domains μ = avg μ_k, C = avg M_k − μμᵀ, the
 * features are standardised by the diagonal of C and the weights are w_k = (C + λI)⁻¹ (μ_k − μ) /
 * K.
 */
public final class RidgeRouter implements Router {

  private final StateClassifiers classifiers;
  private final RidgeSettings settings;
  private final double temperature;

  RidgeRouter(StateClassifiers classifiers, RidgeSettings settings, double temperature) {
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new RouterException(
          "The temperature of a ridge router must be above 0 and finite, but is "
              + temperature
              + ".");
    }
    this.classifiers = classifiers;
    this.settings = settings;
    this.temperature = temperature;
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
    RidgeFit fit = new RidgeFit();
    for (DomainStatistics domain : statistics) {
      fit.add(domain);
    }
    return fit.router(settings);
  }

  @Override
  public List<String> domains() {
    return classifiers.domains();
  }

  @Override
  public RoutingDecision route(PromptStates states) {
    double[][] layers = Probabilities.softmax(classifiers.scores(states), temperature);
    return classifiers.decide(Probabilities.mean(layers), layers, settings.abstentionThreshold());
  }

  /**
   * Returns this router reading only its first states, for a pass that stops early.
   *
   * @param count how many of its states to use, at least 1
   */
  public RidgeRouter usingFirstStates(int count) {
    return new RidgeRouter(classifiers.first(count), settings, temperature);
  }

  /** Returns this router with another abstention threshold, from 0 (never abstain) to 1. */
  public RidgeRouter withAbstentionThreshold(double threshold) {
    return new RidgeRouter(
        classifiers, new RidgeSettings(settings.regularization(), threshold), temperature);
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

  /** Returns the indices of the states it reads, ascending. */
  public List<Integer> states() {
    return classifiers.states();
  }

  /** Returns the classifiers, in the order of {@link #states()}. */
  public List<StateClassifier> layers() {
    return classifiers.classifiers();
  }

  StateClassifiers classifiers() {
    return classifiers;
  }
}
