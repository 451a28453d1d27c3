package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.internal.Gradients;
import java.util.Arrays;
import java.util.List;

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
  default double[] learningRates(double scheduled) {
    double[] rates = new double[arrays().size()];
    Arrays.fill(rates, scheduled);
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

  /** Returns the losses of the answer tokens of each example that chooses the parameters. */
  float[][] selectionLosses();

  @Override
  void close();
}
