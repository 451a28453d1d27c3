package io.github.moa4j.router.routing.internal;

import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingMode;
import java.util.Optional;

/**
 * How a mixture routes.
 *
 * @param kind which of the mixture's stored routers decides, unless there is an own one
 * @param own the application's router
 * @param mode one decision for the sequence, or one a layer
 * @param mixedAdapters how many adapters answer together
 * @param states how many of its first states the router reads; all if empty
 * @param abstentionThreshold instead of the router's own
 */
public record RoutingSettings(
    RouterKind kind,
    Optional<Router> own,
    RoutingMode mode,
    int mixedAdapters,
    Optional<Integer> states,
    Optional<Double> abstentionThreshold) {

  /** Checks that what is asked of routing by layer can be had. */
  public RoutingSettings {
    boolean plain =
        kind == RouterKind.LAYERWISE && own.isEmpty() && mixedAdapters == 1 && states.isEmpty();
    if (mode == RoutingMode.PER_LAYER && !plain) {
      throw new IllegalArgumentException(
          "Per-layer routing uses the layer-wise router that the mixture stores, all of its states,"
              + " and one adapter a layer: leave router, routingStates and mixedAdapters as they"
              + " are, or route by sequence");
    }
  }

  /** Applies the threshold that the application set. */
  RoutingDecision decide(RoutingDecision routed) {
    return abstentionThreshold.map(routed::decide).orElse(routed);
  }
}
