package io.github.moa4j.examples.study.trust;

import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.evaluation.Auroc;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Counts decisions. Not thread-safe. */
public final class Tally {

  private int all;
  private int forced;
  private int right;
  private int answered;
  private int early;

  /**
   * Counts a decision.
   *
   * @param domain the prompt's own; none of a text of no domain
   * @param states that the router reads where nothing ends it early
   */
  public void add(Optional<String> domain, RoutingDecision decision, int states) {
    all++;
    forced += domain.filter(decision.mostProbable()::equals).isPresent() ? 1 : 0;
    answered += decision.chosen().isPresent() ? 1 : 0;
    right += domain.isPresent() && decision.chosen().equals(domain) ? 1 : 0;
    early += isEarly(decision, states) ? 1 : 0;
  }

  /**
   * Tells whether a decision was taken before all states were read.
   *
   * @param states that the router reads where nothing ends it early
   */
  public static boolean isEarly(RoutingDecision decision, int states) {
    return decision.chosen().isPresent() && decision.statesRead().size() < states;
  }

  /** Returns how many were counted. */
  public int count() {
    return all;
  }

  /** Returns the share whose own domain is the most probable one. */
  public String forced() {
    return share(forced, all);
  }

  /** Returns the share that its own domain answers. */
  public String right() {
    return share(right, all);
  }

  /** Returns the share that a domain answers. */
  public String answered() {
    return share(answered, all);
  }

  /** Returns the share of those answered that its own domain answers. */
  public String rightOfThoseAnswered() {
    return share(right, answered);
  }

  /** Returns the share that was decided before all states were read. */
  public String early() {
    return share(early, all);
  }

  /** Returns how likely a decision is surer than one on an unknown domain's prompt. */
  public static String auroc(List<RoutingDecision> known, List<RoutingDecision> unknown) {
    return share(Auroc.of(confidences(known), confidences(unknown)), 1);
  }

  private static double[] confidences(List<RoutingDecision> decisions) {
    return decisions.stream().mapToDouble(RoutingDecision::confidence).toArray();
  }

  private static String share(double count, int of) {
    return of == 0 ? "" : String.format(Locale.ROOT, "%.3f", count / of);
  }
}
