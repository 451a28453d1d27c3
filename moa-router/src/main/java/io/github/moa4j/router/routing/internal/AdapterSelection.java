package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.registry.AdapterLease;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.router.Abstention;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes hold of the adapters that answer a question. The adapter of the chosen domain must be
 * usable; of all others only those that are take part. Thread-safe.
 */
final class AdapterSelection {

  private static final Logger logger = LoggerFactory.getLogger(AdapterSelection.class);

  private final BaseModel base;
  private final AdapterRegistry registry;
  private final Trials trials;
  private final RoutingSettings settings;
  private final TextGenerator generator;
  private volatile boolean goesOnFromBase; // the answer of the adapters that were held last
  private final Set<String> leftOut = ConcurrentHashMap.newKeySet(); // said so in the log

  AdapterSelection(
      BaseModel base,
      AdapterRegistry registry,
      Trials trials,
      RoutingSettings settings,
      TextGenerator generator) {
    this.generator = generator;
    this.base = base;
    this.registry = registry;
    this.trials = trials;
    this.settings = settings;
  }

  /**
   * Whether answers go on from the base's pass over their prompts, as those of activated adapters
   * do, so that nothing is saved by ending it early. What the last answer did tells it.
   */
  boolean goesOnFromBase() {
    return goesOnFromBase;
  }

  /**
   * Checks that there is a domain, and that it is visible: what is not does not exist.
   *
   * @param visible empty for all
   * @throws AdapterException if there is none of that name; it names those there are
   */
  void requireKnown(String domain, Optional<Set<String>> visible) {
    Predicate<String> seen = name -> visible.isEmpty() || visible.get().contains(name);
    if (!registry.contains(domain) || !seen.test(domain)) {
      throw DomainNames.unknown(domain, registry.domains().stream().filter(seen).toList());
    }
  }

  /** Returns a router's decision, or that the base answers where the chosen domain is no more. */
  RoutingDecision known(RoutingDecision routed) {
    // A router may know a domain that was just removed; its prompts are no other domain's.
    return routed.chosen().filter(domain -> !registry.contains(domain)).isPresent()
        ? withoutAdapter(routed)
        : routed;
  }

  private static RoutingDecision withoutAdapter(RoutingDecision routed) {
    return new RoutingDecision(
        routed.probabilities(),
        Optional.empty(),
        routed.confidence(),
        routed.votes(),
        Optional.of(Abstention.NO_ADAPTER));
  }

  /**
   * Takes hold of the adapter that a caller named.
   *
   * @throws AdapterException if there is no such domain, or its adapter cannot be used
   */
  HeldAdapters holdNamed(String domain, Optional<String> caller, int[] prompt) {
    AdapterLease lease = trials.acquire(domain, caller);
    return held(RoutingDecision.explicit(domain), List.of(lease), List.of(1f), prompt);
  }

  /**
   * Takes hold of the adapters that a router decided for.
   *
   * @throws AdapterException if the adapter of the chosen domain cannot be used
   */
  HeldAdapters hold(RoutingDecision routed, Optional<String> caller, int[] prompt) {
    RoutingDecision decision = known(routed);
    if (decision.chosen().isEmpty()) {
      return HeldAdapters.none(decision);
    }
    String chosen = decision.chosen().get();
    AdapterLease first;
    try {
      first = trials.acquire(chosen, caller);
    } catch (AdapterException e) {
      if (known(decision).chosen().isPresent()) {
        throw e;
      }
      return HeldAdapters.none(withoutAdapter(decision)); // removed in between
    }
    List<AdapterLease> leases = new ArrayList<>(List.of(first));
    List<Double> shares = new ArrayList<>(List.of(decision.probabilities().get(chosen)));
    try {
      if (settings.mixedAdapters() > 1) {
        mixIn(decision, prompt, leases, shares);
      }
      return held(decision, leases, normalised(shares), prompt);
    } catch (RuntimeException e) {
      leases.forEach(AdapterLease::close);
      throw e;
    }
  }

  /** Adds the most probable of the other adapters that can be mixed with the chosen one. */
  private void mixIn(
      RoutingDecision decision, int[] prompt, List<AdapterLease> leases, List<Double> shares) {
    OptionalInt position = leases.get(0).config().activationPosition(prompt);
    String chosen = leases.get(0).domain();
    decision
        .mostProbableFirst()
        .takeWhile(other -> leases.size() < settings.mixedAdapters())
        .takeWhile(other -> decision.probabilities().get(other) > 0)
        .filter(other -> !other.equals(chosen) && registry.contains(other))
        .flatMap(other -> ifUsable(other, registry::acquire).stream())
        .forEachOrdered(
            lease -> {
              if (lease.config().activationPosition(prompt).equals(position)) {
                leases.add(lease);
                shares.add(decision.probabilities().get(lease.domain()));
              } else {
                lease.close(); // it starts at another token of the prompt
              }
            });
  }

  private static List<Float> normalised(List<Double> probabilities) {
    double sum = probabilities.stream().mapToDouble(p -> p).sum();
    return probabilities.size() == 1
        ? List.of(1f)
        : probabilities.stream().map(p -> (float) (p / sum)).toList();
  }

  /** Lets adapters act on a prompt: on all of it, or from their invocation tokens on. */
  private HeldAdapters held(
      RoutingDecision decision, List<AdapterLease> leases, List<Float> shares, int[] prompt) {
    List<OptionalInt> positions =
        leases.stream().map(lease -> lease.config().activationPosition(prompt)).distinct().toList();
    if (positions.size() > 1) {
      throw new RouterException(
          "The adapters of "
              + leases.stream().map(AdapterLease::domain).toList()
              + " start at different tokens of the prompt and cannot take turns by layer. Route by"
              + " sequence.");
    }
    if (positions.get(0).isEmpty()) {
      leases.forEach(AdapterLease::close); // as in PEFT the base answers where those do not occur
      return HeldAdapters.none(decision);
    }
    goesOnFromBase = positions.get(0).getAsInt() > 0;
    List<AppliedLora> weights = leases.stream().map(AdapterLease::weights).toList();
    AdapterChoice choice = new AdapterChoice(weights, shares, positions.get(0).getAsInt());
    return new HeldAdapters(decision, leases, choice);
  }

  /**
   * Lets every layer choose for itself among the adapters that can be used, and lets go those that
   * no layer chose. Where the router knows more than these, none of these included, the base's own
   * pass tells first whether the prompt is theirs.
   *
   * @throws AdapterException if the prompt's domain is one whose adapter cannot be used
   */
  HeldAdapters holdByLayer(RouterInUse inUse, int[] prompt) {
    LayerwiseRouter router = inUse.perLayer();
    List<AdapterLease> leases = new ArrayList<>();
    List<AdapterLease> kept = new ArrayList<>();
    try {
      router.domains().stream()
          .filter(registry::contains)
          .forEach(domain -> leases.addAll(ifUsable(domain, this::acquireForLayers)));
      if (leases.size() < router.domains().size()) {
        RoutingDecision decision = known(inUse.decide(generator.pass(() -> inUse.states(prompt))));
        if (decision.chosen().isEmpty()) {
          return HeldAdapters.none(decision);
        }
        acquireForLayers(decision.chosen().get()).close();
      }
      Map<String, AppliedLora> adapters = new LinkedHashMap<>();
      leases.forEach(lease -> adapters.put(lease.domain(), lease.weights()));
      PerLayerPass pass = new PerLayerPass(base, router, adapters);
      double[][] layers = generator.pass(() -> pass.probabilities(List.of(prompt))[0]);
      RoutingDecision decision = settings.decide(pass.decision(layers));
      if (decision.chosen().isEmpty()) {
        return HeldAdapters.none(decision);
      }
      AdapterChoice choice = pass.choice(layers);
      List<AdapterLease> chosen = new ArrayList<>();
      for (AppliedLora adapter : choice.adapters()) {
        chosen.add(
            leases.stream().filter(lease -> lease.weights() == adapter).findFirst().orElseThrow());
      }
      HeldAdapters held = held(decision, chosen, choice.shares(), prompt);
      kept.addAll(held.leases());
      return held;
    } finally {
      leases.stream().filter(lease -> !kept.contains(lease)).forEach(AdapterLease::close);
    }
  }

  private AdapterLease acquireForLayers(String domain) {
    AdapterLease lease = registry.acquire(domain);
    try {
      PerLayerPass.requireFit(lease.weights());
      return lease;
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /** Acquires an adapter whose failure is not that of the question; none or one. */
  private List<AdapterLease> ifUsable(String domain, Function<String, AdapterLease> acquire) {
    try {
      return List.of(acquire.apply(domain));
    } catch (RuntimeException e) {
      if (leftOut.add(domain)) {
        logger.warn("The adapter of domain '{}' takes no part: {}", domain, e.getMessage());
      }
      return List.of();
    }
  }

  /** Lets the log tell again which adapters take no part. */
  void forgetLeftOut() {
    leftOut.clear();
  }
}
