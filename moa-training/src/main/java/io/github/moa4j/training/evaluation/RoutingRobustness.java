package io.github.moa4j.training.evaluation;

import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingText;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.robustness.PromptForm;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How routing holds up in real use: on validation prompts in other forms than they were written in,
 * with each domain left out once as the unknown one, and on texts of no domain. What the base sees
 * of each prompt is computed once and kept, 18 kB a prompt and form for 9 states of 256, so that
 * many routers are measured at the price of one.
 *
 * <p>Not thread-safe.
 */
public final class RoutingRobustness {

  private final Evaluator evaluator;
  private final List<Domain> domains;
  private final long seed;
  private final Map<PromptForm, Map<String, List<PromptStates>>> states =
      new EnumMap<>(PromptForm.class);

  /**
   * Creates a measurement.
   *
   * @param evaluator runs the prompts through the base
   * @param domains those to measure on, each with validation examples
   * @param seed of the typing errors
   * @throws DatasetException if a domain has no validation examples
   */
  public RoutingRobustness(Evaluator evaluator, List<Domain> domains, long seed) {
    for (Domain domain : domains) {
      if (domain.validation().isEmpty()) {
        throw new DatasetException(
            "Domain '%s' has no validation examples; expected at least one to measure routing on"
                .formatted(domain.name()));
      }
    }
    this.evaluator = evaluator;
    this.domains = List.copyOf(domains);
    this.seed = seed;
  }

  /**
   * Returns the share of all validation prompts whose own domain a router finds most probable,
   * whether it would abstain or not, by form.
   */
  public Map<PromptForm, Double> accuracy(Router router) {
    Map<PromptForm, Double> accuracy = new EnumMap<>(PromptForm.class);
    for (PromptForm form : PromptForm.values()) {
      Count count = new Count();
      for (Domain domain : domains) {
        for (PromptStates prompt : states(form, domain)) {
          count.add(domain, router.route(prompt).mostProbable());
        }
      }
      accuracy.put(form, count.share());
    }
    return accuracy;
  }

  /**
   * Returns {@link #accuracy(Router)} of a classifier that reads the prompt itself.
   *
   * @param classifier gives the name of the most probable domain
   */
  public Map<PromptForm, Double> accuracy(Function<Example, String> classifier) {
    Map<PromptForm, Double> accuracy = new EnumMap<>(PromptForm.class);
    for (PromptForm form : PromptForm.values()) {
      Count count = new Count();
      for (Domain domain : domains) {
        for (Example example : form.of(domain.validation(), seed)) {
          count.add(domain, classifier.apply(example));
        }
      }
      accuracy.put(form, count.share());
    }
    return accuracy;
  }

  /**
   * Leaves each domain out once: a router that knows the others only meets its prompts beside
   * theirs, all as they were written.
   *
   * @param fit gives a router of the domains with these names
   * @return by the name of the domain left out
   */
  public Map<String, UnknownDetection> leavingOut(Function<List<String>, Router> fit) {
    Map<String, UnknownDetection> detections = new LinkedHashMap<>();
    for (Domain unknown : domains) {
      List<String> others =
          domains.stream().map(Domain::name).filter(name -> !name.equals(unknown.name())).toList();
      Router router = fit.apply(others);
      detections.put(
          unknown.name(),
          UnknownDetection.of(known(router), route(router, states(PromptForm.CLEAN, unknown))));
    }
    return detections;
  }

  /**
   * Measures a router on texts of no domain, against the prompts of its domains as they were
   * written.
   *
   * @param texts each taken as the whole message of a user; at least one
   */
  public UnknownDetection onTexts(Router router, List<PromptStates> texts) {
    return UnknownDetection.of(known(router), route(router, texts));
  }

  /** Returns what the base sees of texts, for {@link #onTexts}. */
  public List<PromptStates> states(List<String> texts) {
    return evaluator.states(
        texts.stream().map(text -> Example.of(RoutingText.of(text), "none")).toList());
  }

  private List<RoutingDecision> known(Router router) {
    List<RoutingDecision> decisions = new ArrayList<>();
    for (Domain domain : domains) {
      if (router.domains().contains(domain.name())) {
        decisions.addAll(route(router, states(PromptForm.CLEAN, domain)));
      }
    }
    return decisions;
  }

  private static List<RoutingDecision> route(Router router, List<PromptStates> prompts) {
    return prompts.stream().map(router::route).toList();
  }

  private List<PromptStates> states(PromptForm form, Domain domain) {
    return states
        .computeIfAbsent(form, unused -> new HashMap<>())
        .computeIfAbsent(
            domain.name(),
            unused ->
                evaluator.states(
                    form.of(domain.validation(), seed).stream()
                        .map(RoutingRobustness::asRead)
                        .toList()));
  }

  /** Returns an example as a router of a mixture reads it. */
  private static Example asRead(Example example) {
    return example.withQuestion(RoutingText.of(example.question()));
  }

  /** Right decisions among all. */
  private static final class Count {

    private int right;
    private int all;

    void add(Domain expected, String found) {
      right += expected.name().equals(found) ? 1 : 0;
      all++;
    }

    double share() {
      return (double) right / all;
    }
  }
}
