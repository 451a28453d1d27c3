package io.github.moa4j.router.ridge;

import io.github.moa4j.router.RoutingDecision;
import java.io.Serializable;

/**
 * Settings of the closed-form router.
 *
 * @param regularization the ridge, relative to the variance of a feature (the features are
 *     standardised, so their covariance has a mean diagonal of 1); above 0
 * @param abstentionThreshold the confidence below which the base answers alone, from 0 (never) to
 *     1, for domains that have none of their own
 */
public record RidgeSettings(double regularization, double abstentionThreshold)
    implements Serializable {

  /** Checks both values. */
  public RidgeSettings {
    if (!(regularization > 0 && regularization < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "The regularization must be above 0 and finite, but is " + regularization);
    }
    RoutingDecision.requireThreshold(abstentionThreshold);
  }

  /** Returns a regularization of 0.001 and no abstention. */
  public static RidgeSettings defaults() {
    return new RidgeSettings(0.001, 0);
  }
}
