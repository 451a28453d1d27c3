package io.github.moa4j.router;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.registry.AdapterLease;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.MixtureDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From a prompt to the adapters that answer it: the mixture's router in the mode that the
 * application wants, and leases of what it chose. Thread-safe.
 */
final class AdapterRouting {

  /**
   * How to route.
   *
   * @param kind which of the mixture's routers decides
   * @param mode one decision for the sequence, or one a layer
   * @param mixedAdapters how many adapters answer together
   * @param states how many of its first states the router reads; all if empty
   * @param abstentionThreshold instead of the router's own
   */
  record Settings(
      RouterKind kind,
      RoutingMode mode,
      int mixedAdapters,
      Optional<Integer> states,
      Optional<Double> abstentionThreshold) {

    Settings {
      boolean plain = kind == RouterKind.LAYERWISE && mixedAdapters == 1 && states.isEmpty();
      if (mode == RoutingMode.PER_LAYER && !plain) {
        throw new IllegalArgumentException(
            "Per-layer routing uses the layer-wise router, all of its states, and one adapter a"
                + " layer");
      }
    }
  }

  private final BaseModel base;
  private final AdapterRegistry registry;
  private final Path mixture;
  private final Settings settings;
  private volatile boolean activatedAdapterMet;
  private volatile Optional<Router> router = Optional.empty();

  AdapterRouting(BaseModel base, AdapterRegistry registry, Path mixture, Settings settings) {
    this.base = base;
    this.registry = registry;
    this.mixture = mixture;
    this.settings = settings;
  }

  /** Takes over the router that the mixture holds now. */
  void reload(MixtureDirectory directory) {
    router =
        directory.read(
            state -> {
              state.checkBase(base.fingerprint());
              return state
                  .routerDirectory()
                  .map(folder -> RouterPair.read(folder, settings.kind(), base.fingerprint()))
                  .map(this::readingItsStates);
            });
  }

  /** Decides without holding on to an adapter. */
  RoutingDecision decide(Question question, int[] prompt) {
    if (settings.mode() == RoutingMode.SEQUENCE || question.domain().isPresent()) {
      return decide(question, prompt, Optional.empty());
    }
    try (Route route = route(question, prompt, Optional.empty())) {
      return route.decision();
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
        && router.filter(known -> depth(known) == base.config().numHiddenLayers()).isPresent();
  }

  private Router readingItsStates(Router read) {
    if (settings.states().isEmpty()) {
      return read;
    }
    return read instanceof LayerwiseRouter layerwise
        ? layerwise.usingFirstStates(settings.states().get())
        : ((RidgeRouter) read).usingFirstStates(settings.states().get());
  }

  /**
   * Decides, and takes hold of the adapters that answer.
   *
   * @param known the states of the base's pass over the prompt, if there has been one
   */
  Route route(Question question, int[] prompt, Optional<PromptStates> known) {
    long start = System.nanoTime();
    if (settings.mode() == RoutingMode.PER_LAYER && question.domain().isEmpty()) {
      return routeByLayer(prompt, start);
    }
    RoutingDecision decision = decide(question, prompt, known);
    try {
      Map<String, Float> shares = shares(decision);
      return new Route(
          decision,
          acquire(shares.keySet()),
          List.copyOf(shares.values()),
          Duration.ofNanos(System.nanoTime() - start));
    } catch (AdapterException e) {
      if (question.domain().isPresent() || isKnown(decision)) {
        throw e;
      }
      return new Route(
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
  private Route routeByLayer(int[] prompt, long start) {
    LayerwiseRouter current = (LayerwiseRouter) currentRouter();
    List<String> known = current.domains().stream().filter(registry.domains()::contains).toList();
    List<AdapterLease> leases = acquire(known);
    List<AdapterLease> kept = new ArrayList<>();
    try {
      Map<String, LoraWeights> experts = new LinkedHashMap<>();
      for (int i = 0; i < known.size(); i++) {
        experts.put(known.get(i), leases.get(i).weights());
      }
      PerLayerRouting routing = new PerLayerRouting(base, current, experts);
      double[][] layers = routing.probabilities(List.of(prompt))[0];
      RoutingDecision routed = routing.decision(layers);
      RoutingDecision decision = settings.abstentionThreshold().map(routed::decide).orElse(routed);
      AdapterChoice choice =
          decision.chosen().isPresent() ? routing.choice(layers) : AdapterChoice.base();
      for (LoraWeights expert : choice.experts()) {
        kept.add(
            leases.stream().filter(lease -> lease.weights() == expert).findFirst().orElseThrow());
      }
      return new Route(
          decision, kept, choice.shares(), Duration.ofNanos(System.nanoTime() - start));
    } finally {
      leases.stream().filter(lease -> !kept.contains(lease)).forEach(AdapterLease::close);
    }
  }

  private boolean isKnown(RoutingDecision decision) {
    return decision.chosen().filter(domain -> !registry.domains().contains(domain)).isEmpty();
  }

  private Router currentRouter() {
    return router.orElseThrow(
        () ->
            new RouterException(
                "The mixture in "
                    + mixture
                    + " has no router yet: name a domain in the question, or train the routers."));
  }

  private RoutingDecision decide(Question question, int[] prompt, Optional<PromptStates> known) {
    if (question.domain().isPresent()) {
      return RoutingDecision.explicit(question.domain().get());
    }
    Router current = currentRouter();
    PromptStates states =
        known.orElseGet(() -> base.promptStates(List.of(prompt), depth(current)).get(0));
    RoutingDecision routed = current.route(states);
    RoutingDecision decision = settings.abstentionThreshold().map(routed::decide).orElse(routed);
    // A router may know a domain that was just removed; its prompts are no other domain's.
    return isKnown(decision) ? decision : decision.withoutAdapter();
  }

  /** The number of layers that the router's last state lies behind. */
  private int depth(Router reading) {
    List<Integer> states =
        reading instanceof LayerwiseRouter layerwise
            ? layerwise.states()
            : ((RidgeRouter) reading).states();
    return states.get(states.size() - 1);
  }
}
