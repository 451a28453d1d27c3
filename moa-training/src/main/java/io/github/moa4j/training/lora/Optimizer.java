package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.internal.ScriptSource;
import io.github.moa4j.core.kernel.internal.TorchScript;
import io.github.moa4j.training.privacy.SecretRandom;
import java.util.List;
import java.util.Map;

/**
 * Moves parameters by an {@link UpdateRule}, AdamW with PyTorch's arithmetic, after gradient
 * accumulation and global-norm clipping. DJL's own AdamW adds epsilon before the bias correction,
 * and its clipping bounds each element from one side only.
 *
 * <p>Owns native memory; not thread-safe.
 */
final class Optimizer implements AutoCloseable {

  private static final ScriptSource SOURCE =
      ScriptSource.of(Optimizer.class, "optimizer.torchscript");
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final NDManager manager;
  private final TorchScript kernel;
  private final List<NDArray> parameters;
  private final UpdateRule rule;
  private final NDList gradients = new NDList();
  private final NDList firstMoments = new NDList();
  private final NDList secondMoments = new NDList();
  private final double weightDecay;
  private final double maxGradientNorm;
  private int steps;

  /**
   * Creates an optimiser.
   *
   * @param parameters f32 arrays, changed in place by {@link #step}; owned by the caller
   * @param maxGradientNorm 0 for no clipping
   */
  Optimizer(
      NDManager parent,
      List<NDArray> parameters,
      UpdateRule rule,
      double weightDecay,
      double maxGradientNorm) {
    this.manager = parent.newSubManager();
    this.kernel = TorchScript.load(manager, SOURCE, Map.of());
    this.parameters = parameters;
    this.rule = rule;
    this.weightDecay = weightDecay;
    this.maxGradientNorm = maxGradientNorm;
    for (NDArray parameter : parameters) {
      gradients.add(manager.zeros(parameter.getShape()));
      firstMoments.add(manager.zeros(parameter.getShape()));
      secondMoments.add(manager.zeros(parameter.getShape()));
    }
  }

  NDList gradients() {
    return gradients;
  }

  NDList firstMoments() {
    return firstMoments;
  }

  NDList secondMoments() {
    return secondMoments;
  }

  /** Continues a run that had done so many steps; the moments are restored by the caller. */
  void resumeAt(int step) {
    steps = step;
  }

  /** Copies values in place. DJL's own copy would make the target a view of a Java buffer. */
  void assign(List<NDArray> targets, List<NDArray> sources) {
    try (NDManager scope = manager.newSubManager()) {
      kernel.run(scope, "assign", targets, sources);
    }
  }

  /** Adds gradients, one a parameter, to those of the step. */
  void accumulate(List<NDArray> more) {
    try (NDManager scope = manager.newSubManager()) {
      kernel.run(scope, "accumulate", gradients, more);
    }
  }

  /** Adds gradients, one a parameter, scaled down to a global norm if theirs is greater. */
  void accumulateClipped(List<NDArray> more, double norm) {
    try (NDManager scope = manager.newSubManager()) {
      kernel.run(scope, "accumulate_clipped", gradients, more, norm);
    }
  }

  /** Adds Gaussian noise to the gradients of the step, then divides them by a number. */
  void disturb(SecretRandom random, double deviation, double divisor) {
    for (NDArray gradient : gradients) {
      try (NDManager scope = manager.newSubManager()) {
        int pairs = Math.toIntExact((gradient.size() + 1) / 2);
        NDArray words = scope.create(random.words(2 * pairs), new Shape(2, pairs));
        kernel.run(scope, "disturb", gradient, words, deviation, divisor);
      }
    }
  }

  /** Returns the global norm of the gradients of the step. */
  double globalNorm() {
    try (NDManager scope = manager.newSubManager()) {
      return kernel.run(scope, "global_norm", gradients).get(0).getFloat();
    }
  }

  /**
   * Changes the parameters and clears the gradients.
   *
   * @param learningRates one a parameter
   * @param norm of the gradients
   */
  void step(double[] learningRates, double norm) {
    steps++;
    try (NDManager scope = manager.newSubManager()) {
      double scale = 1;
      if (maxGradientNorm > 0) {
        scale = Math.min(1, maxGradientNorm / (norm + 1e-6));
      }
      kernel.run(
          scope,
          rule.method(),
          parameters,
          gradients,
          firstMoments,
          secondMoments,
          scale,
          scope.create(learningRates),
          BETA1,
          BETA2,
          EPSILON,
          weightDecay,
          (long) steps);
    }
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
