package io.github.moa4j.training.lora;

import io.github.moa4j.core.lora.LoraAdapter;
import java.util.List;

/**
 * A finished training run.
 *
 * @param adapter the parameters with the lowest validation loss
 * @param bestStep optimiser steps after which they were reached
 * @param validationLoss their mean loss of an answer token on the validation examples
 * @param losses training loss of every optimiser step
 * @param evaluations every measurement of the validation loss
 * @param tokens passed through the model over all steps
 */
public record TrainingResult(
    LoraAdapter adapter,
    int bestStep,
    double validationLoss,
    List<Double> losses,
    List<TrainingListener.Evaluation> evaluations,
    long tokens) {}
