package io.github.moa4j.router.ridge;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.algebra.internal.Cholesky;
import io.github.moa4j.router.algebra.internal.Matrix;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.TokenClassifier;
import io.github.moa4j.router.statistics.internal.ClassifierStack;
import io.github.moa4j.router.statistics.internal.GramCounts;
import io.github.moa4j.router.statistics.internal.StoredName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that a fit of a {@link RidgeRouter} needs of the domains together: the sum of their
 * covariances, one matrix a state, and of each domain its mean and a few held-out prompts. A domain
 * is added without the statistics of the others, and written down these sums are 28 MB for a
 * thousand domains of 4 states of 512 features where the domains' statistics are 2.1 GB.
 *
 * <p>A domain that was added cannot be taken out again: that takes sums of the others' statistics.
 * Not safe for use by several threads.
 */
public final class RidgeSums {

  /** Below this share of its second moment a feature's variance is rounding: it is left out. */
  private static final double LEAST_RELATIVE_VARIANCE = 1e-10;

  private final List<String> domains = new ArrayList<>();
  private final Set<String> known = new HashSet<>(); // the same
  private final List<double[][]> means = new ArrayList<>(); // of [state][features]
  private final List<List<float[][]>> heldOut = new ArrayList<>(); // of each domain's prompts
  private final List<GramCounts> grams = new ArrayList<>(); // of each domain's tokens
  private Pooling pooling;
  private List<Integer> states;
  private int width;
  private int features;
  private double[][] within; // [state][lower triangle, row by row], covariances summed over domains

  /** Starts with no domain. */
  public RidgeSums() {}

  /**
   * Makes sums of what a file held.
   *
   * @param heldOut of each domain's prompts, [state][features]
   * @param grams of each domain
   */
  RidgeSums(
      List<String> domains,
      Pooling pooling,
      List<Integer> states,
      int width,
      double[][] within,
      List<double[][]> means,
      List<List<float[][]>> heldOut,
      List<GramCounts> grams) {
    this.domains.addAll(domains);
    this.known.addAll(domains);
    this.pooling = pooling;
    this.states = states;
    this.width = width;
    this.features = means.get(0)[0].length;
    this.within = within;
    this.means.addAll(means);
    this.heldOut.addAll(heldOut);
    this.grams.addAll(grams);
  }

  /**
   * Reads sums.
   *
   * @param file a file written by {@link #write}
   * @param baseFingerprint the fingerprint of the base in use
   * @throws RouterException if the file is damaged or stems from another base
   */
  public static RidgeSums read(Path file, String baseFingerprint) {
    return RidgeSumsFile.read(file, baseFingerprint);
  }

  /**
   * Writes these sums into a file of their own, atomically.
   *
   * @throws RouterException if there is no domain yet
   */
  public void write(Path file, String baseFingerprint) {
    requireDomain();
    RidgeSumsFile.write(this, file, baseFingerprint);
  }

  /** Returns the domains, in the order they were added in. */
  public List<String> domains() {
    return List.copyOf(domains);
  }

  /**
   * Adds a domain. {@link RouterDomains#NONE_OF_THESE} may be added several times: as several
   * kinds.
   *
   * @throws RouterException if it has no prompts or is in already, or its pooling, states or width
   *     are not those of the others
   */
  public void add(DomainStatistics statistics) {
    if (domains.isEmpty()) {
      pooling = statistics.pooling();
      states = statistics.states();
      width = statistics.width();
      features = statistics.features();
      within = new double[states.size()][statistics.packedScatter(0).length];
    }
    requireFits(statistics);
    double[][] mean = new double[states.size()][];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = statistics.mean(i);
      float[] scatter = statistics.packedScatter(i);
      double[] total = within[i];
      double weight = 1.0 / statistics.count();
      for (int p = 0; p < scatter.length; p++) {
        total[p] += scatter[p] * weight;
      }
    }
    domains.add(statistics.domain());
    means.add(mean);
    heldOut.add(heldOut(statistics));
    int most = TemperatureFit.promptsOfEach(domains.size());
    heldOut.replaceAll(
        prompts -> prompts.size() <= most ? prompts : List.copyOf(prompts.subList(0, most)));
    grams.add(
        new GramCounts(
            statistics.gramCounts(), statistics.heldOutGrams(), statistics.regression()));
    grams.replaceAll(counts -> counts.holdingOut(most));
  }

  /** Returns the held-out prompts' states, of each prompt [state][features]. */
  private static List<float[][]> heldOut(DomainStatistics statistics) {
    int numStates = statistics.states().size();
    List<float[][]> prompts = new ArrayList<>();
    for (int i = 0; i < numStates; i++) {
      float[][] rows = statistics.heldOut(i);
      for (int prompt = 0; prompt < rows.length; prompt++) {
        if (i == 0) {
          prompts.add(new float[numStates][]);
        }
        prompts.get(prompt)[i] = rows[prompt];
      }
    }
    return prompts;
  }

  private void requireFits(DomainStatistics statistics) {
    if (statistics.count() == 0) {
      throw new RouterException(
          "Domain '" + statistics.domain() + "' has statistics of no prompts. Add prompts to it.");
    }
    if (!known.add(statistics.domain())
        && !statistics.domain().equals(RouterDomains.NONE_OF_THESE)) {
      throw new RouterException(
          "Domain '" + statistics.domain() + "' was given twice. Give each domain once.");
    }
    if (statistics.pooling() != pooling
        || statistics.width() != width
        || !statistics.states().equals(states)) {
      throw new RouterException(
          "The statistics of domain '"
              + statistics.domain()
              + "' hold "
              + layout(statistics.pooling(), statistics.states(), statistics.width())
              + ", but those of '"
              + domains.get(0)
              + "' hold "
              + layout(pooling, states, width)
              + ". Collect all domains with the same settings.");
    }
  }

  private static String layout(Pooling pooling, List<Integer> states, int width) {
    return StoredName.of(pooling) + "-pooled states " + states + " of width " + width;
  }

  private void requireDomain() {
    if (domains.isEmpty()) {
      throw new RouterException("A router needs the statistics of at least one domain.");
    }
  }

  /**
   * Solves for the router of all domains; the same, bit by bit, as {@link RidgeRouter#fit} of their
   * statistics in this order.
   *
   * @throws RouterException if there is no domain
   */
  public RidgeRouter router(RidgeSettings settings) {
    requireDomain();
    List<StateClassifier> fitted = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      fitted.add(solve(i, settings.regularization()));
    }
    ClassifierStack classifiers = ClassifierStack.of(domains, pooling, fitted, tokens());
    RidgeRouter ofStates =
        new RidgeRouter(
            classifiers, settings, TemperatureFit.ofStates(classifiers, domains, heldOut));
    return classifiers
        .tokens()
        .map(tokens -> ofStates.withTokens(scaled(tokens, classifiers)))
        .orElse(ofStates);
  }

  /** Returns a classifier of the tokens, in the order of the domains, if all of them are known. */
  private Optional<TokenClassifier> tokens() {
    List<int[]> counts = grams.stream().map(GramCounts::counts).toList();
    boolean known = counts.stream().allMatch(own -> own.length > 0);
    return known
        ? Optional.of(
            TokenClassifier.fit(counts)
                .tellingApart(grams.stream().map(GramCounts::regression).toList()))
        : Optional.empty();
  }

  private TokenClassifier scaled(TokenClassifier tokens, ClassifierStack classifiers) {
    List<List<int[]>> prompts = grams.stream().map(GramCounts::heldOut).toList();
    return tokens.withTemperature(TemperatureFit.ofTokens(classifiers, domains, prompts));
  }

  private StateClassifier solve(int index, double regularization) {
    int numDomains = domains.size();
    double[] mean = new double[features];
    for (double[][] domain : means) {
      for (int j = 0; j < features; j++) {
        mean[j] += domain[index][j] / numDomains;
      }
    }
    double[] apart = new double[Math.multiplyExact(numDomains, features)]; // from that mean
    for (int k = 0; k < numDomains; k++) {
      for (int j = 0; j < features; j++) {
        apart[k * features + j] = means.get(k)[index][j] - mean[j];
      }
    }
    double[] covariance = covariance(index, apart);
    double[] scale = scale(covariance, mean);
    double[] targets = apart.clone();
    for (int i = 0; i < targets.length; i++) {
      targets[i] *= scale[i % features] / numDomains;
    }
    Cholesky factor = factor(ridged(covariance, scale, regularization));
    double[] bias = new double[numDomains];
    Arrays.fill(bias, 1.0 / numDomains);
    return StateClassifier.folded(
        states.get(index), width, factor.solve(targets, numDomains), bias, mean, scale);
  }

  private Cholesky factor(double[] covariance) {
    try {
      return Cholesky.of(covariance, features);
    } catch (ArithmeticException e) {
      throw new RouterException(
          "The statistics of "
              + domains
              + " give a matrix that is not positive definite. Raise the regularization, or collect"
              + " the statistics again.",
          e);
    }
  }

  /** Returns the covariance over the domains in equal shares: lower triangle, row-major. */
  private double[] covariance(int index, double[] apart) {
    double[] covariance = Matrix.gram(apart, domains.size(), features);
    int p = 0;
    for (int i = 0; i < features; i++) {
      for (int j = 0; j <= i; j++) {
        double between = covariance[i * features + j];
        covariance[i * features + j] = (within[index][p++] + between) / domains.size();
      }
    }
    return covariance;
  }

  private double[] scale(double[] covariance, double[] mean) {
    double[] scale = new double[features];
    for (int j = 0; j < features; j++) {
      double variance = covariance[j * features + j];
      double secondMoment = variance + mean[j] * mean[j];
      scale[j] = variance > LEAST_RELATIVE_VARIANCE * secondMoment ? 1 / Math.sqrt(variance) : 0;
    }
    return scale;
  }

  /** Standardises the covariance in place, adds the ridge, and fills the upper triangle. */
  private double[] ridged(double[] covariance, double[] scale, double regularization) {
    for (int i = 0; i < features; i++) {
      for (int j = 0; j < i; j++) {
        double value = covariance[i * features + j] * scale[i] * scale[j];
        covariance[i * features + j] = value;
        covariance[j * features + i] = value;
      }
      covariance[i * features + i] = (scale[i] > 0 ? 1 : 0) + regularization;
    }
    return covariance;
  }

  Pooling pooling() {
    return pooling;
  }

  List<Integer> states() {
    return states;
  }

  int width() {
    return width;
  }

  int features() {
    return features;
  }

  /** Returns the domains' covariances of a state summed: the lower triangle, row by row. */
  double[] within(int index) {
    return within[index];
  }

  double[] mean(int domain, int index) {
    return means.get(domain)[index];
  }

  /** Returns what is counted of each domain's tokens. */
  List<GramCounts> grams() {
    return grams;
  }

  /** Returns a domain's held-out prompts, of each [state][features]. */
  List<float[][]> heldOut(int domain) {
    return heldOut.get(domain);
  }
}
