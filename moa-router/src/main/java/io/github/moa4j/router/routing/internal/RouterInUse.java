package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The router that decides now, checked against the base, with all of its domains or with those
 * alone that somebody sees. Whatever an application's own router throws becomes a {@link
 * RouterException}. Immutable.
 */
final class RouterInUse {

  private static final int MOST_RESTRICTIONS = 64; // kept, by the domains that somebody sees

  private final BaseModel base;
  private final RoutingSettings settings;
  private final Router router;
  private final String what;
  private final int depth; // layers before the last state that the router reads
  private final Optional<Router> early; // which reads the first of these states
  private final int earlyDepth;
  private final Optional<LayerwiseRouter> perLayer;
  private final Map<Set<String>, Optional<RouterInUse>> restricted = new ConcurrentHashMap<>();

  private final Optional<RouterInUse> whole; // of which this is a part

  private RouterInUse(
      BaseModel base,
      RoutingSettings settings,
      Router router,
      Optional<LayerwiseRouter> perLayer,
      Optional<RouterInUse> whole) {
    this.base = base;
    this.settings = settings;
    this.what = "The router of class " + router.getClass().getName();
    this.router = ask(() -> settings.states().map(router::usingFirstStates).orElse(router));
    this.depth = checkedDepth(this.router);
    this.early = ask(this.router::early).map(this::checkedEarly);
    this.earlyDepth = early.map(this::checkedDepth).orElse(depth);
    this.perLayer = perLayer;
    this.whole = whole;
  }

  /**
   * A router that decides once for a sequence.
   *
   * @throws RouterException if it does not fit the base or the settings
   */
  static RouterInUse bySequence(BaseModel base, RoutingSettings settings, Router router) {
    return new RouterInUse(base, settings, router, Optional.empty(), Optional.empty());
  }

  /**
   * A router that every layer follows.
   *
   * @throws RouterException if it does not read the input of every layer, or was trained on other
   *     states than it will meet
   */
  static RouterInUse perLayer(BaseModel base, RoutingSettings settings, LayerwiseRouter router) {
    int layers = base.config().numHiddenLayers();
    for (int layer = 0; layer < layers; layer++) {
      if (!router.states().contains(layer)) {
        throw new RouterException(
            "The mixture's layer-wise router reads the states "
                + router.states()
                + ", not the input of each of the base's "
                + layers
                + " layers. Route by sequence, as wide models keep some states only.");
      }
    }
    if (router.trainedFor() != RoutingMode.PER_LAYER) {
      throw new RouterException(
          "The mixture's layer-wise router has learnt the states of the base's own pass only, not"
              + " those that its own choices lead to. Route by sequence, or store a router that was"
              + " trained for PER_LAYER.");
    }
    return new RouterInUse(base, settings, router, Optional.of(router), Optional.empty());
  }

  /**
   * Lets the router decide on a blank prompt, so that a stored one of another width is refused now
   * and not at every question.
   *
   * @throws RouterException if it cannot
   */
  RouterInUse tried() {
    float[][] blank = new float[depth + 1][base.config().hiddenSize()];
    decide(new PromptStates(blank, blank));
    return this;
  }

  private Router checkedEarly(Router first) {
    if (!ask(first::domains).equals(ask(router::domains))) {
      throw new RouterException(what + " knows other domains where it decides early.");
    }
    return first;
  }

  private int checkedDepth(Router asked) {
    List<String> domains = ask(asked::domains);
    if (domains.isEmpty() || new HashSet<>(domains).size() < domains.size()) {
      throw new RouterException(
          what
              + " needs at least one domain, and all of them different, but names "
              + domains
              + ".");
    }
    List<Integer> states = ask(asked::states);
    int layers = base.config().numHiddenLayers();
    int least = 0;
    for (int state : states) {
      if (state < least || state > layers) {
        throw new RouterException(
            what
                + " reads the states "
                + states
                + ", expected ascending indices from 0 to "
                + layers
                + " of this base.");
      }
      least = state + 1;
    }
    if (states.isEmpty()) {
      throw new RouterException(what + " reads no state; it needs one at least.");
    }
    return least - 1;
  }

  /**
   * Returns this router knowing those of its domains only that somebody sees; empty where it knows
   * none of them.
   *
   * @throws RouterException if it cannot leave domains out
   */
  Optional<RouterInUse> seeing(Set<String> visible) {
    if (restricted.size() >= MOST_RESTRICTIONS) {
      restricted.clear();
    }
    return restricted.computeIfAbsent(
        visible,
        wanted -> {
          Set<String> known = new HashSet<>(ask(router::domains));
          known.retainAll(wanted);
          known.remove(RouterDomains.NONE_OF_THESE);
          return known.isEmpty() ? Optional.empty() : Optional.of(using(known));
        });
  }

  private RouterInUse using(Set<String> known) {
    Router fewer = ask(() -> router.usingDomains(known));
    for (String domain : ask(fewer::domains)) {
      if (!known.contains(domain) && !domain.equals(RouterDomains.NONE_OF_THESE)) {
        throw new RouterException(what + " was to leave domains out and has not.");
      }
    }
    if (!ask(fewer::states).equals(ask(router::states))) {
      throw new RouterException(what + " reads other states when it leaves domains out.");
    }
    return new RouterInUse(
        base, settings, fewer, perLayer.map(all -> all.usingDomains(known)), Optional.of(this));
  }

  /** Returns the router with all of its domains, which reads what this one does. */
  RouterInUse whole() {
    return whole.orElse(this);
  }

  /** Returns the router that every layer follows. */
  LayerwiseRouter perLayer() {
    return perLayer.orElseThrow();
  }

  /** Returns the number of layers that the base's pass runs for this router. */
  int depth() {
    return depth;
  }

  /** Returns after how many layers the router may have decided; all it needs if it never has. */
  int earlyDepth() {
    return earlyDepth;
  }

  /** Runs the base over a prompt, as far as the router reads. */
  PromptStates states(int[] prompt) {
    return base.promptStates(List.of(prompt), depth).get(0);
  }

  /** Runs the base over texts, as far as the router reads. */
  List<PromptStates> states(List<int[]> texts) {
    return base.promptStates(texts, depth);
  }

  /**
   * Decides on a prompt.
   *
   * @throws RouterException if the router fails
   */
  RoutingDecision decide(PromptStates states) {
    return decideEarly(states).orElseGet(() -> settings.decide(ask(() -> router.route(states))));
  }

  /**
   * Decides on a prompt by the states of {@link #earlyDepth}; empty where these do not suffice.
   *
   * @throws RouterException if the router fails
   */
  Optional<RoutingDecision> decideEarly(PromptStates states) {
    return early
        .map(first -> ask(() -> first.route(states)))
        .filter(decision -> decision.chosen().isPresent())
        .map(settings::decide)
        .filter(decision -> decision.chosen().isPresent());
  }

  private <T> T ask(Supplier<T> question) {
    try {
      T said = question.get();
      if (said == null) {
        throw new RouterException(what + " gave null where it was asked for something.");
      }
      return said;
    } catch (MoaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new RouterException(what + " failed: " + e, e);
    }
  }
}
