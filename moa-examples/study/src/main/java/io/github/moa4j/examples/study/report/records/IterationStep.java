package io.github.moa4j.examples.study.report.records;

import java.util.Map;

/**
 * One step of the experiment in which a mixture grows, beside one shared adapter trained domain
 * after domain.
 *
 * @param action {@code add}, {@code retrain} or {@code remove}
 * @param domain the domain it is about
 * @param otherFilesUnchanged whether the other adapters' files are byte-identical
 * @param otherPerplexitiesUnchanged whether their perplexity under oracle routing is bit-identical
 * @param oldDomainsRoutingAccuracy on the domains that were there before; NaN in the first step
 * @param otherRoutesChanged share of the prompts of the domains that were there before and after
 *     which go to another domain after it; NaN in the first step
 * @param seconds of the whole step
 * @param ridgeSeconds of them, for the closed-form router; NaN where not measured
 * @param mixturePerplexity of the mixture, by domain, after the step
 * @param sharedPerplexity of the shared adapter, by domain, after the step; empty where the step
 *     has no counterpart
 */
public record IterationStep(
    String action,
    String domain,
    boolean otherFilesUnchanged,
    boolean otherPerplexitiesUnchanged,
    double oldDomainsRoutingAccuracy,
    double otherRoutesChanged,
    double seconds,
    double ridgeSeconds,
    Map<String, Double> mixturePerplexity,
    Map<String, Double> sharedPerplexity) {
  /** Copies the collections, keeping their order. */
  public IterationStep {
    mixturePerplexity = Ordered.copy(mixturePerplexity);
    sharedPerplexity = Ordered.copy(sharedPerplexity);
  }
}
