package io.github.moa4j.training.privacy;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a private training promises: for every set S of adapters and every two sets of examples that
 * differ in one record, P(adapter in S) ≤ exp(epsilon) · P'(adapter in S) + delta (Dwork et al.,
 * 2006; one record added or removed). It holds for the adapter's tensors alone.
 *
 * @param epsilon by the accountant; 0 for nothing learnt, infinite for no protection
 * @param delta the share of cases in which epsilon need not hold
 * @param noiseMultiplier standard deviation of the noise over the clipping norm
 * @param clipNorm global norm to which the gradient of each example was scaled down
 * @param samplingRate probability with which each example was drawn into a step
 * @param steps optimiser steps
 * @param examplesPerRecord examples that one record may have
 */
public record PrivacyGuarantee(
    double epsilon,
    double delta,
    double noiseMultiplier,
    double clipNorm,
    double samplingRate,
    int steps,
    int examplesPerRecord) {

  /** Returns the components by the names that stand in the provenance. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(
        "epsilon", Double.isInfinite(epsilon) ? "infinite" : epsilon); // JSON knows no such number
    map.put("delta", delta);
    map.put("noise_multiplier", noiseMultiplier);
    map.put("clip_norm", clipNorm);
    map.put("sampling_rate", samplingRate);
    map.put("steps", steps);
    map.put("examples_per_record", examplesPerRecord);
    map.put("sampling", "poisson");
    map.put("adjacency", "one record added or removed");
    return map;
  }
}
