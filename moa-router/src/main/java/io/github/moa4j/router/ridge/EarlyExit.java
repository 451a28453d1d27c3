package io.github.moa4j.router.ridge;

import io.github.moa4j.router.RouterException;

/**
 * When a router decides by the first of its states alone.
 *
 * @param states how many of them it reads at first, at least 1
 * @param confidence of a domain at which they suffice, above 0 and at most 1
 */
public record EarlyExit(int states, double confidence) {

  /** Checks both values. */
  public EarlyExit {
    if (states < 1 || !(confidence > 0 && confidence <= 1)) {
      throw new RouterException(
          "An early exit needs at least one state and a confidence between 0 and 1, not "
              + states
              + " and "
              + confidence
              + ".");
    }
  }
}
