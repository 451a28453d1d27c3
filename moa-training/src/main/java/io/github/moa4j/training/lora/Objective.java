package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.internal.Gradients;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a training run lowers: parameters, their gradients and their loss on held-out examples. */
interface Objective extends AutoCloseable {

  /** Examples of one forward pass of a measurement. */
  int EVALUATION_BATCH_SIZE = 32;

  /** Returns what trains: f32 arrays that the optimiser changes in place. */
  List<NDArray> arrays();

  /**
   * Returns the learning rate of each of {@link #arrays()}.
   *
   * @param scheduled what the options' schedule gives for the step
   */
  double[] learningRates(double scheduled);

  /**
   * Returns the learning rates of arrays that begin with A and B in turns.
   *
   * @param arrays number of all
   * @param factors number of A and B
   * @param ratio of B's rate to that of all else (LoRA+)
   */
  static double[] learningRates(double rate, int arrays, int factors, double ratio) {
    double[] rates = new double[arrays];
    Arrays.fill(rates, rate);
    for (int b = 1; b < factors; b += 2) {
      rates[b] *= ratio;
    }
    return rates;
  }

  /**
   * Computes gradients.
   *
   * @param scope owner of the result
   * @param weight of one answer token
   * @param share of the optimiser step that this batch is; the shares of a step sum to 1
   * @param salt differs for every batch of a run, and is the same when the run is repeated
   */
  Gradients gradients(
      NDManager scope, List<EncodedExample> batch, double weight, double share, long salt);

  /** Returns how the gradients are kept private; empty for not at all. */
  default Optional<PrivateLearning> privacy() {
    return Optional.empty();
  }

  /**
   * Computes the gradient of each example's mean loss of an answer token, where {@link #privacy()}
   * needs it.
   *
   * @param scope owner of the result
   * @param salt see {@link #gradients}
   * @return in the order of the batch
   */
  default List<Gradients> exampleGradients(NDManager scope, List<EncodedExample> batch, long salt) {
    throw new UnsupportedOperationException("Only a single adapter trains privately");
  }

  /** Measures the present parameters on the examples that choose among them. */
  SelectionLoss selectionLoss();

  @Override
  void close();
}
