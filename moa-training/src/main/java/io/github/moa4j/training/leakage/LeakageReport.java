package io.github.moa4j.training.leakage;

import io.github.moa4j.training.privacy.PrivacyGuarantee;
import java.util.Map;
import java.util.Optional;

/**
 * What adapters of one domain and one way of training give away.
 *
 * @param byLoss membership inference by the loss alone
 * @param byLikelihoodRatio membership inference with the other adapters as shadows
 * @param exposures mean exposure of the canaries in bits, by how often they were repeated
 * @param memberLoss mean loss of an answer token of examples that were learnt
 * @param otherLoss the same of examples that were not: what training is for
 * @param privacy the weakest of the adapters' promises, if they were trained privately
 */
public record LeakageReport(
    AttackRate byLoss,
    AttackRate byLikelihoodRatio,
    Map<Integer, Double> exposures,
    double memberLoss,
    double otherLoss,
    Optional<PrivacyGuarantee> privacy) {}
