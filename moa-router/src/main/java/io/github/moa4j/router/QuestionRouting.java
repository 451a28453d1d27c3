package io.github.moa4j.router;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * From a question to the adapters that answer it: the caller names the domain, or the router that
 * is in use decides, the mixture's as of the last reload or the application's own. Thread-safe.
 */
final class QuestionRouting {

  private final BaseModel base;
  private final Path mixture;
  private final RoutingSettings settings;
  private final AdapterSelection selection;
  private final BooleanSupplier cancelled; // ends passes over long prompts
  private volatile Optional<RouterInUse> inUse = Optional.empty();

  QuestionRouting(
      BaseModel base,
      AdapterRegistry registry,
      Path mixture,
      RoutingSettings settings,
      BooleanSupplier cancelled) {
    this.cancelled = cancelled;
    this.base = base;
    this.mixture = mixture;
    this.settings = settings;
    this.selection = new AdapterSelection(base, registry, settings, cancelled);
  }

  /**
   * Takes over the router that the mixture holds now; the application's own stays.
   *
   * @throws io.github.moa4j.core.MoaException if it cannot be read or used; the one in use stays
   */
  void reload(MixtureDirectory directory) {
    inUse =
        directory.read(
            state -> {
              state.checkBase(base.fingerprint());
              return settings.own().isPresent()
                  ? settings.own().map(own -> RouterInUse.bySequence(base, settings, own))
                  : state.routerDirectory().map(this::read);
            });
    selection.forgetLeftOut();
  }

  private RouterInUse read(Path folder) {
    String fingerprint = base.fingerprint();
    RouterInUse read =
        settings.mode() == RoutingMode.PER_LAYER
            ? RouterInUse.perLayer(base, settings, StoredRouters.readLayerwise(folder, fingerprint))
            : RouterInUse.bySequence(
                base, settings, StoredRouters.read(folder, settings.kind(), fingerprint));
    return read.tried();
  }

  private RouterInUse router() {
    return inUse.orElseThrow(
        () ->
            new RouterException(
                "The mixture in "
                    + mixture
                    + " has no router yet: name a domain in the question, or train the routers."));
  }

  /** Whether one pass of the base tells the router all it needs. */
  boolean isBySequence() {
    return settings.mode() == RoutingMode.SEQUENCE;
  }

  /**
   * Whether the router's pass is kept for the answer: it holds all that comes before an activated
   * adapter. Where none has been met, its keys and values would be memory for nothing.
   */
  boolean sharesPrefill(Question question) {
    return selection.activatedAdapterMet()
        && question.domain().isEmpty()
        && isBySequence()
        && inUse.filter(RouterInUse::readsWholePass).isPresent();
  }

  /** Runs the base over prompts, as far as the router in use reads. */
  List<PromptStates> states(List<int[]> prompts) {
    return router().states(prompts, cancelled);
  }

  /** Decides without holding on to an adapter. */
  RoutingDecision decide(Question question, int[] prompt) {
    if (question.domain().isPresent()) {
      selection.requireKnown(question.domain().get());
      return RoutingDecision.explicit(question.domain().get());
    }
    if (isBySequence()) {
      return selection.known(decide(prompt, Optional.empty()));
    }
    try (HeldAdapters held = hold(question, prompt, Optional.empty(), System.nanoTime())) {
      return held.decision();
    }
  }

  /**
   * Decides, and takes hold of the adapters that answer.
   *
   * @param states of the base's pass over the prompt, if there has been one
   * @param start of the routing, in nanoseconds
   */
  HeldAdapters hold(Question question, int[] prompt, Optional<PromptStates> states, long start) {
    if (question.domain().isPresent()) {
      return selection.holdNamed(question.domain().get(), prompt, start);
    }
    return isBySequence()
        ? selection.hold(decide(prompt, states), prompt, start)
        : selection.holdByLayer(router(), prompt, start);
  }

  private RoutingDecision decide(int[] prompt, Optional<PromptStates> known) {
    RouterInUse router = router();
    return router.decide(
        known
            .filter(states -> states.numStates() > router.depth()) // those of an earlier router
            .orElseGet(() -> router.states(List.of(prompt), cancelled).get(0)));
  }
}
