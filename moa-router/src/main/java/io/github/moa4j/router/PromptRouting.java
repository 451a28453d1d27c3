package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Decides which domain a prompt belongs to: runs the base over it and asks the router, the
 * mixture's or the application's own. Thread-safe.
 */
final class PromptRouting {

  /** The routers in use: for PER_LAYER both are the same. */
  private record InUse(Router router, Optional<LayerwiseRouter> perLayer) {}

  private final BaseModel base;
  private final Path mixture;
  private final RoutingSettings settings;
  private volatile Optional<InUse> inUse = Optional.empty();

  PromptRouting(BaseModel base, Path mixture, RoutingSettings settings) {
    this.base = base;
    this.mixture = mixture;
    this.settings = settings;
  }

  /**
   * Takes over the router that the mixture holds now; the application's own stays.
   *
   * @throws RouterException if it cannot be used; the one in use stays
   */
  void reload(MixtureDirectory directory) {
    inUse =
        directory.read(
            state -> {
              state.checkBase(base.fingerprint());
              return settings.own().isPresent()
                  ? settings.own().map(own -> new InUse(usable(own), Optional.empty()))
                  : state.routerDirectory().map(this::read);
            });
  }

  private InUse read(Path folder) {
    if (settings.mode() == RoutingMode.PER_LAYER) {
      LayerwiseRouter router = StoredRouters.readLayerwise(folder, base.fingerprint());
      requirePerLayer(router, folder);
      return new InUse(usable(router), Optional.of(router));
    }
    Router router = StoredRouters.read(folder, settings.kind(), base.fingerprint());
    return new InUse(usable(router), Optional.empty());
  }

  private void requirePerLayer(LayerwiseRouter router, Path folder) {
    int layers = base.config().numHiddenLayers();
    for (int layer = 0; layer < layers; layer++) {
      if (!router.states().contains(layer)) {
        throw new RouterException(
            "The layer-wise router in "
                + folder
                + " reads the states "
                + router.states()
                + ", not the input of each of the base's "
                + layers
                + " layers. Route by sequence, as wide models keep some states only.");
      }
    }
    if (router.trainedFor() != RoutingMode.PER_LAYER) {
      throw new RouterException(
          "The layer-wise router in "
              + folder
              + " has learnt the states of the base's own pass only, not those that its own choices"
              + " lead to. Route by sequence, or store a router trained for PER_LAYER.");
    }
  }

  private Router usable(Router router) {
    String what = "The router of class " + router.getClass().getName();
    List<String> domains = router.domains();
    if (domains.isEmpty() || new HashSet<>(domains).size() < domains.size()) {
      throw new RouterException(
          what + " needs at least one domain, and all of them different, but names " + domains);
    }
    List<Integer> states = router.states();
    int layers = base.config().numHiddenLayers();
    for (int i = 0; i < states.size(); i++) {
      if (states.get(i) > layers || states.get(i) < (i == 0 ? 0 : states.get(i - 1) + 1)) {
        throw new RouterException(
            what
                + " reads the states "
                + states
                + ", expected ascending indices from 0 to "
                + layers
                + " of this base.");
      }
    }
    if (states.isEmpty()) {
      throw new RouterException(what + " reads no state; it needs one at least.");
    }
    return settings.states().map(router::usingFirstStates).orElse(router);
  }

  /** Returns the router that every layer follows. */
  LayerwiseRouter perLayerRouter() {
    return current().perLayer().orElseThrow();
  }

  /** Whether a router is there that reads the base's whole pass. */
  boolean readsWholePass() {
    return inUse
        .filter(found -> depth(found.router()) == base.config().numHiddenLayers())
        .isPresent();
  }

  /**
   * Decides on a prompt.
   *
   * @param known the states of the base's pass over the prompt, if there has been one
   * @throws RouterException if there is no router, or it fails
   */
  RoutingDecision decide(int[] prompt, Optional<PromptStates> known) {
    Router router = current().router();
    PromptStates states =
        known.orElseGet(() -> base.promptStates(List.of(prompt), depth(router)).get(0));
    return settings.decide(ask(router, states));
  }

  /** An application's router may fail in any way; that is the question's failure. */
  private static RoutingDecision ask(Router router, PromptStates states) {
    RoutingDecision decision;
    try {
      decision = router.route(states);
    } catch (MoaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new RouterException(
          "The router of class " + router.getClass().getName() + " failed: " + e, e);
    }
    if (decision == null) {
      throw new RouterException(
          "The router of class " + router.getClass().getName() + " gave no decision.");
    }
    return decision;
  }

  private InUse current() {
    return inUse.orElseThrow(
        () ->
            new RouterException(
                "The mixture in "
                    + mixture
                    + " has no router yet: name a domain in the question, or train the routers."));
  }

  /** The number of layers that the router's last state lies behind. */
  private static int depth(Router router) {
    List<Integer> states = router.states();
    return states.get(states.size() - 1);
  }
}
