package io.github.moa4j.training.lora;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.training.privacy.PrivacyGuarantee;
import java.util.List;
import java.util.Optional;

/**
 * A finished training run.
 *
 * @param adapter the parameters with the lowest validation loss; of private training, the last
 * @param bestStep optimiser steps after which they were reached
 * @param validationLoss their mean loss of an answer token on the validation examples; NaN after
 *     private training, which measures none
 * @param losses training loss of every optimiser step
 * @param evaluations every measurement of the validation loss
 * @param tokens passed through the model over all steps
 * @param privacy what of the training examples the adapter gives away at most, if that is bounded.
 *     It holds for the adapter alone: losses and tokens are those of the examples themselves, and
 *     are not to be passed on with it
 */
public record TrainingResult(
    LoraAdapter adapter,
    int bestStep,
    double validationLoss,
    List<Double> losses,
    List<TrainingListener.Evaluation> evaluations,
    long tokens,
    Optional<PrivacyGuarantee> privacy) {}
