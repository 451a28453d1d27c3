package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.GramRegression;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.TokenClassifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The classifiers of several states over the same domains, one above the other: what both stored
 * routers are made of.
 *
 * <p>What is of no domain is of several kinds, each with a row of its own, as no hyperplane parts
 * all of it from a domain. The first kind stands among the domains, as {@link
 * RouterDomains#NONE_OF_THESE}, the others behind them; in probabilities they are one.
 *
 * @param domains the domains, in the order of the scores
 * @param pooling which pooling of the prompt the classifiers read
 * @param classifiers one a state, in ascending order of the states
 * @param tokens of the same rows; none where the router has not learnt any tokens
 */
public record ClassifierStack(
    RouterDomains domains,
    Pooling pooling,
    List<StateClassifier> classifiers,
    Optional<TokenClassifier> tokens) {

  /** Of the domains, below which it makes no difference whether a prompt is one's at all. */
  private static final double LEAST_SHARE = 1e-9;

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
      if (!hasRows(classifier.numDomains(), domains)
          || classifier.numDomains() != classifiers.get(0).numDomains()
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
    int rows = classifiers.get(0).numDomains();
    if (tokens.filter(classifier -> classifier.numDomains() != rows).isPresent()) {
      throw new RouterException("A router's classifier of tokens must score " + rows + " domains.");
    }
  }

  private static boolean hasRows(int rows, RouterDomains domains) {
    int numDomains = domains.names().size();
    return rows == numDomains || (rows > numDomains && noneOfThese(domains) >= 0);
  }

  private static int noneOfThese(RouterDomains domains) {
    return domains.indexOf(RouterDomains.NONE_OF_THESE);
  }

  /**
   * Stacks classifiers.
   *
   * @param domains all different, but for {@link RouterDomains#NONE_OF_THESE}, which may stand for
   *     several rows; rows behind those of the domains are of that too
   * @throws RouterException if the classifiers do not fit the domains or each other
   */
  public static ClassifierStack of(
      List<String> domains,
      Pooling pooling,
      List<StateClassifier> classifiers,
      Optional<TokenClassifier> tokens) {
    List<String> names = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    List<Integer> kinds = new ArrayList<>();
    for (int i = 0; i < domains.size(); i++) {
      boolean known = names.contains(domains.get(i));
      if (known && !domains.get(i).equals(RouterDomains.NONE_OF_THESE)) {
        throw new RouterException(
            "A router's domains must differ, but they are "
                + Failure.quote(domains.toString())
                + ".");
      }
      (known ? kinds : rows).add(i);
      if (!known) {
        names.add(domains.get(i));
      }
    }
    rows.addAll(kinds);
    int[] order = rows.stream().mapToInt(Integer::intValue).toArray();
    return new ClassifierStack(
        RouterDomains.of(names),
        pooling,
        kinds.isEmpty()
            ? classifiers
            : classifiers.stream().map(classifier -> classifier.domains(order)).toList(),
        kinds.isEmpty() ? tokens : tokens.map(classifier -> classifier.domains(order)));
  }

  /** Stacks classifiers of states alone. */
  public static ClassifierStack of(
      List<String> domains, Pooling pooling, List<StateClassifier> classifiers) {
    return of(domains, pooling, classifiers, Optional.empty());
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
    return new ClassifierStack(domains, pooling, classifiers.subList(0, count), tokens);
  }

  /** Keeps the domains of a set, and none of these where it is known. */
  public ClassifierStack of(Set<String> wanted) {
    int[] places = domains.places(wanted);
    if (places.length == domains.names().size()) {
      return this;
    }
    int[] rows =
        IntStream.concat(
                Arrays.stream(places),
                IntStream.range(domains.names().size(), classifiers.get(0).numDomains()))
            .toArray();
    return new ClassifierStack(
        domains.at(places),
        pooling,
        classifiers.stream().map(classifier -> classifier.domains(rows)).toList(),
        tokens.map(classifier -> classifier.domains(rows)));
  }

  /**
   * Returns the scores of each state's classifier, [classifier][row].
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

  /** Returns the scores of a prompt that statistics of these states hold out, as of any prompt. */
  public double[][] scores(DomainStatistics statistics, int prompt) {
    double[][] scores = new double[classifiers.size()][];
    for (int i = 0; i < scores.length; i++) {
      int index = statistics.states().indexOf(classifiers.get(i).state());
      scores[i] = classifiers.get(i).scoresOf(statistics.heldOut(index)[prompt]);
    }
    return scores;
  }

  /**
   * Returns the softmax of each state's scores divided by the temperature, [classifier][domain].
   *
   * @param scores [classifier][row]
   */
  public double[][] probabilities(double[][] scores, double temperature) {
    double[][] probabilities = new double[scores.length][];
    for (int i = 0; i < scores.length; i++) {
      probabilities[i] = probabilities(scores[i], temperature);
    }
    return probabilities;
  }

  /** Returns the softmax of one state's scores divided by the temperature, [domain]. */
  public double[] probabilities(double[] scores, double temperature) {
    double[] rows = Probabilities.softmax(scores, temperature);
    double[] probabilities = Arrays.copyOf(rows, domains.names().size());
    for (int row = probabilities.length; row < rows.length; row++) {
      probabilities[noneOfThese(domains)] += rows[row];
    }
    return probabilities;
  }

  /**
   * Returns what states and tokens say together: the mean of both, where both say something. Where
   * each domain's tokens are told from text of no domain, the mean of three: what tokens say once a
   * domain's own regression decides whether the prompt is one at all counts as much.
   *
   * @param ofStates probabilities of each domain, over all states
   * @param grams of the prompt; none where its tokens are not known
   */
  public double[] withTokens(double[] ofStates, int[] grams) {
    if (tokens.isEmpty() || grams.length == 0) {
      return ofStates;
    }
    double[] ofTokens = probabilities(tokens.get().scores(grams), 1);
    return Probabilities.mean(
        tellsApart()
            ? new double[][] {ofStates, ofTokens, toldApart(ofTokens, grams)}
            : new double[][] {ofStates, ofTokens});
  }

  /** Tells whether every domain has learnt to tell its prompts from text of no domain. */
  private boolean tellsApart() {
    int none = noneOfThese(domains);
    return tokens
        .map(TokenClassifier::regressions)
        .filter(
            regressions ->
                none >= 0
                    && IntStream.range(0, domains.names().size())
                        .allMatch(row -> row == none || regressions.get(row).isPresent()))
        .isPresent();
  }

  /** Each domain has its share among the domains as far as the prompt is none of no domain. */
  private double[] toldApart(double[] ofTokens, int[] grams) {
    int none = noneOfThese(domains);
    double all = Arrays.stream(ofTokens).sum() - ofTokens[none];
    double[] told = new double[ofTokens.length];
    told[none] = 1;
    for (int row = 0; row < told.length; row++) {
      if (row != none && ofTokens[row] > LEAST_SHARE * all) {
        GramRegression own = tokens.orElseThrow().regressions().get(row).orElseThrow();
        told[row] = ofTokens[row] / all * own.probability(grams);
        told[none] -= told[row];
      }
    }
    told[none] = Math.max(0, told[none]);
    return told;
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
