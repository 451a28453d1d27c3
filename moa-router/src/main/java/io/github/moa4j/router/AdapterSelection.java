package io.github.moa4j.router;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.registry.AdapterLease;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes hold of the adapters that answer a question, as the routing decides. Thread-safe. */
final class AdapterSelection {

  private final BaseModel base;
  private final AdapterRegistry registry;
  private final PromptRouting routing;
  private final RoutingSettings settings;
  private volatile boolean activatedAdapterMet;

  AdapterSelection(
      BaseModel base, AdapterRegistry registry, PromptRouting routing, RoutingSettings settings) {
    this.base = base;
    this.registry = registry;
    this.routing = routing;
    this.settings = settings;
  }

  /** Decides without holding on to an adapter. */
  RoutingDecision decide(Question question, int[] prompt) {
    if (settings.mode() == RoutingMode.SEQUENCE || question.domain().isPresent()) {
      return decide(question, prompt, Optional.empty());
    }
    try (HeldAdapters held = hold(question, prompt, Optional.empty())) {
      return held.decision();
    }
  }

  /**
   * Whether the router's pass is kept for the answer: it holds all that comes before an activated
   * adapter. Where none has been met, its keys and values would be memory for nothing.
   */
  boolean sharesPrefill(Question question) {
    return activatedAdapterMet
        && question.domain().isEmpty()
        && settings.mode() == RoutingMode.SEQUENCE
        && routing.readsWholePass();
  }

  /**
   * Decides, and takes hold of the adapters that answer.
   *
   * @param known the states of the base's pass over the prompt, if there has been one
   */
  HeldAdapters hold(Question question, int[] prompt, Optional<PromptStates> known) {
    long start = System.nanoTime();
    if (settings.mode() == RoutingMode.PER_LAYER && question.domain().isEmpty()) {
      return holdByLayer(prompt, start);
    }
    RoutingDecision decision = decide(question, prompt, known);
    try {
      Map<String, Float> shares = shares(decision);
      return new HeldAdapters(
          decision,
          acquire(shares.keySet()),
          List.copyOf(shares.values()),
          Duration.ofNanos(System.nanoTime() - start));
    } catch (AdapterException e) {
      if (question.domain().isPresent() || isKnown(decision)) {
        throw e;
      }
      return new HeldAdapters(
          decision.withoutAdapter(),
          List.of(),
          List.of(),
          Duration.ofNanos(System.nanoTime() - start));
    }
  }

  /** The adapters that answer, each with its share. */
  private Map<String, Float> shares(RoutingDecision decision) {
    Map<String, Float> shares = new LinkedHashMap<>();
    if (decision.chosen().isEmpty()) {
      return shares;
    }
    List<Map.Entry<String, Double>> ranked =
        decision.probabilities().entrySet().stream()
            .filter(entry -> registry.domains().contains(entry.getKey()))
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(settings.mixedAdapters())
            .toList();
    if (settings.mixedAdapters() == 1 || ranked.isEmpty()) {
      shares.put(decision.chosen().get(), 1f);
      return shares;
    }
    double sum = ranked.stream().mapToDouble(Map.Entry::getValue).sum();
    ranked.forEach(entry -> shares.put(entry.getKey(), (float) (entry.getValue() / sum)));
    return shares;
  }

  private List<AdapterLease> acquire(Collection<String> domains) {
    List<AdapterLease> leases = new ArrayList<>();
    try {
      domains.forEach(domain -> leases.add(registry.acquire(domain)));
      activatedAdapterMet |=
          leases.stream().anyMatch(lease -> !lease.config().aloraInvocationTokens().isEmpty());
      return leases;
    } catch (RuntimeException e) {
      leases.forEach(AdapterLease::close);
      throw e;
    }
  }

  /** Every layer chooses for itself; adapters that no layer chose are let go. */
  private HeldAdapters holdByLayer(int[] prompt, long start) {
    LayerwiseRouter router = routing.perLayerRouter();
    List<String> known = router.domains().stream().filter(registry.domains()::contains).toList();
    List<AdapterLease> leases = acquire(known);
    List<AdapterLease> kept = new ArrayList<>();
    try {
      Map<String, AppliedLora> adapters = new LinkedHashMap<>();
      for (int i = 0; i < known.size(); i++) {
        adapters.put(known.get(i), leases.get(i).weights());
      }
      PerLayerPass pass = new PerLayerPass(base, router, adapters);
      double[][] layers = pass.probabilities(List.of(prompt))[0];
      RoutingDecision decision = settings.decide(pass.decision(layers));
      AdapterChoice choice =
          decision.chosen().isPresent() ? pass.choice(layers) : AdapterChoice.base();
      for (AppliedLora adapter : choice.adapters()) {
        kept.add(
            leases.stream().filter(lease -> lease.weights() == adapter).findFirst().orElseThrow());
      }
      return new HeldAdapters(
          decision, kept, choice.shares(), Duration.ofNanos(System.nanoTime() - start));
    } finally {
      leases.stream().filter(lease -> !kept.contains(lease)).forEach(AdapterLease::close);
    }
  }

  private boolean isKnown(RoutingDecision decision) {
    return decision.chosen().filter(domain -> !registry.domains().contains(domain)).isEmpty();
  }

  private RoutingDecision decide(Question question, int[] prompt, Optional<PromptStates> known) {
    if (question.domain().isPresent()) {
      return RoutingDecision.explicit(question.domain().get());
    }
    RoutingDecision decision = routing.decide(prompt, known);
    // A router may know a domain that was just removed; its prompts are no other domain's.
    return isKnown(decision) ? decision : decision.withoutAdapter();
  }
}
