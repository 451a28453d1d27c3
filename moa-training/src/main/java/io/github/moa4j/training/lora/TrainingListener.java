package io.github.moa4j.training.lora;

/** Told how a training run goes on, in the thread that trains. DJL's listeners need its Trainer. */
public interface TrainingListener {

  /** A listener that does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** An optimiser step is done. */
  default void onStep(TrainingStep step) {}

  /** The validation loss was measured. */
  default void onEvaluation(Evaluation evaluation) {}

  /**
   * One optimiser step.
   *
   * @param step number of this step, from 1
   * @param steps number of steps of the whole run
   * @param loss mean loss of an answer token in natural logarithm
   * @param gradientNorm global norm before clipping
   * @param learningRate of this step
   * @param tokens passed through the model in this step
   */
  record TrainingStep(
      int step, int steps, double loss, double gradientNorm, double learningRate, int tokens) {}

  /**
   * One measurement of the validation loss.
   *
   * @param step number of optimiser steps so far
   * @param loss mean loss of an answer token in natural logarithm
   * @param best whether it is the lowest so far
   */
  record Evaluation(int step, double loss, boolean best) {}
}
