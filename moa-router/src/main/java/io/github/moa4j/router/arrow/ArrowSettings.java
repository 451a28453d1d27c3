package io.github.moa4j.router.arrow;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RoutingDecision;

/**
 * How an {@link ArrowRouter} reads prompts.
 *
 * @param pooling which pooling of the prompt it reads
 * @param directions how many right singular vectors of each delta count, at least 1; 1 is the
 *     published method
 * @param temperature of the softmax over a layer's scores, positive. Scores are cosines, or
 *     standard deviations in a calibrated router.
 * @param abstentionThreshold confidence below which the base answers alone, from 0 to 1
 */
public record ArrowSettings(
    Pooling pooling, int directions, double temperature, double abstentionThreshold) {

  /** Checks the components. */
  public ArrowSettings {
    if (pooling == Pooling.MEAN_AND_LAST) {
      throw new IllegalArgumentException(
          "An adapter's directions are as wide as one state: pool the mean or the last token's");
    }
    if (directions < 1) {
      throw new IllegalArgumentException(
          "A prototype needs at least 1 direction, not " + directions);
    }
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "The temperature must be above 0 and finite, not " + temperature);
    }
    RoutingDecision.requireThreshold(abstentionThreshold);
  }

  /**
   * For a router without any data: the mean over the prompt and one direction. The last token's
   * states are useless there, as what all prompts' ends have in common outweighs the rest.
   */
  public static ArrowSettings withoutData() {
    return new ArrowSettings(Pooling.MEAN, 1, 0.05, 0);
  }

  /** For a router that is calibrated: the last token and four directions. */
  public static ArrowSettings forCalibration() {
    return new ArrowSettings(Pooling.LAST, 4, 0.5, 0);
  }
}
