package io.github.moa4j.router;

/** How the layers' routers become a choice of adapters. */
public enum RoutingMode {
  /**
   * One decision for the whole sequence, from the base's own pass: the layers' probabilities
   * combined.
   */
  SEQUENCE,
  /**
   * Every layer follows its own router, on states that the choices of the layers below have shaped.
   * Needs the layer-wise router, one that reads the input of every layer, and all adapters usable.
   */
  PER_LAYER
}
