package io.github.moa4j.router;

import io.github.moa4j.core.model.PromptStates;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How one question comes by its adapters: the caller names the domain, or the router decides that
 * was in use when the question came. Its methods are called one after the other.
 */
final class QuestionRoute {

  private static final Object ANY_DOMAIN = "";

  private final Optional<String> named;
  private final int[] prompt;
  private final AdapterSelection selection;
  private final Optional<RouterInUse> router; // unless the domain is named
  private final RoutingMode mode;
  private Optional<RoutingDecision> decided = Optional.empty();

  QuestionRoute(
      Optional<String> named,
      int[] prompt,
      AdapterSelection selection,
      Optional<RouterInUse> router,
      RoutingMode mode) {
    this.named = named;
    this.prompt = prompt;
    this.selection = selection;
    this.router = router;
    this.mode = mode;
  }

  int[] prompt() {
    return prompt;
  }

  /** How many layers of the base's pass the decision needs; none where no such pass comes first. */
  OptionalInt depth() {
    return named.isPresent() || mode == RoutingMode.PER_LAYER
        ? OptionalInt.empty()
        : OptionalInt.of(router.orElseThrow().depth());
  }

  /**
   * Takes the decision.
   *
   * @param states of the base's own pass, as far as {@link #depth} says
   * @return the key of the domain that was chosen
   */
  Object decide(PromptStates states) {
    decided = Optional.of(selection.known(router.orElseThrow().decide(states)));
    return key();
  }

  /** Returns the domain, known or not, among whose questions this one waits. */
  Object key() {
    Optional<String> domain = named.or(() -> decided.flatMap(RoutingDecision::chosen));
    return domain.map(Object.class::cast).orElse(ANY_DOMAIN);
  }

  /** Takes hold of the adapters that answer. */
  HeldAdapters hold() {
    if (named.isPresent()) {
      return selection.holdNamed(named.get(), prompt);
    }
    return decided.isPresent()
        ? selection.hold(decided.get(), prompt)
        : selection.holdByLayer(router.orElseThrow(), prompt);
  }

  /** Returns the decision: the caller's, that of {@link #decide}, or that of every layer. */
  RoutingDecision decision() {
    if (named.isPresent()) {
      return RoutingDecision.explicit(named.get());
    }
    if (decided.isPresent()) {
      return decided.get();
    }
    try (HeldAdapters held = hold()) {
      return held.decision();
    }
  }
}
