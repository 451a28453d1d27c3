package io.github.moa4j.training.lora;

import java.util.List;

/**
 * How a training run went.
 *
 * @param bestStep optimiser steps after which the chosen parameters were reached
 * @param bestLoss their mean loss of an answer token on the selection examples
 * @param losses training loss of every optimiser step
 * @param evaluations every measurement of the selection loss
 * @param tokens passed through the model over all steps
 */
record TrainingCurve(
    int bestStep,
    double bestLoss,
    List<Double> losses,
    List<TrainingListener.Evaluation> evaluations,
    long tokens) {}
