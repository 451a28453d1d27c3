package io.github.moa4j.training.evaluation;

import io.github.moa4j.router.RoutingDecision;
import java.util.Arrays;
import java.util.List;

/**
 * How well a router's confidence tells prompts of its domains from prompts of none.
 *
 * @param auroc area under the ROC curve of the confidence, known against unknown
 * @param falseAccept share of the unknown accepted at the threshold that accepts 95 % of the known
 * @param threshold that threshold
 * @param accepted share of the unknown that the router sends to an adapter at its own threshold
 */
public record UnknownDetection(
    double auroc, double falseAccept, double threshold, double accepted) {

  private static final double REFUSED_KNOWN = 0.05;

  /**
   * Compares decisions.
   *
   * @param known on prompts of the router's domains; at least one
   * @param unknown on others; at least one
   */
  static UnknownDetection of(List<RoutingDecision> known, List<RoutingDecision> unknown) {
    double[] knownConfidence = confidence(known);
    double[] unknownConfidence = confidence(unknown);
    double threshold = thresholdAt95Percent(knownConfidence);
    return new UnknownDetection(
        Auroc.of(knownConfidence, unknownConfidence),
        share(Arrays.stream(unknownConfidence).filter(c -> c >= threshold).count(), unknown),
        threshold,
        share(unknown.stream().filter(decision -> decision.chosen().isPresent()).count(), unknown));
  }

  private static double thresholdAt95Percent(double[] confidence) {
    double[] ascending = Arrays.stream(confidence).sorted().toArray();
    return ascending[(int) (REFUSED_KNOWN * ascending.length)];
  }

  private static double[] confidence(List<RoutingDecision> decisions) {
    return decisions.stream().mapToDouble(RoutingDecision::confidence).toArray();
  }

  private static double share(long count, List<RoutingDecision> of) {
    return (double) count / of.size();
  }
}
