package io.github.moa4j.training.lora;

import io.github.moa4j.training.gradient.ExpertBank;
import java.util.List;

/**
 * Experts that were trained together. Owns their native memory.
 *
 * @param bank the experts with the chosen parameters
 * @param bestStep optimiser steps after which they were reached
 * @param selectionLoss their mean loss of an answer token on the selection examples
 * @param losses training loss of every optimiser step
 * @param evaluations every measurement of the selection loss
 * @param tokens passed through the model over all steps
 */
public record TrainedExperts(
    ExpertBank bank,
    int bestStep,
    double selectionLoss,
    List<Double> losses,
    List<TrainingListener.Evaluation> evaluations,
    long tokens)
    implements AutoCloseable {

  @Override
  public void close() {
    bank.close();
  }
}
