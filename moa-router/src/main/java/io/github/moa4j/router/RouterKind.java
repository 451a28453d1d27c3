package io.github.moa4j.router;

/** Which of a mixture's routers decides. */
public enum RouterKind {
  /** The paper's router: a softmax per layer, averaged over the layers. */
  LAYERWISE,
  /**
   * The closed-form router: a ridge regression per layer, probabilities averaged over the layers.
   */
  RIDGE
}
