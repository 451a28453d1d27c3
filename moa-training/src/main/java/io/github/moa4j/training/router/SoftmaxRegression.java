package io.github.moa4j.training.router;

import java.util.Arrays;
import java.util.function.ObjIntConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains p = softmax(x · W + b) with AdamW over all rows at once. The products with the rows run on
 * ND4J, whose arrays are closed within each method; the parameters are small and stay in Java.
 *
 * <p>Everything with a domain axis is kept domain by domain (column-major): ND4J 1.0.0-M2.1
 * multiplies several times faster into that order.
 */
final class SoftmaxRegression {

  private static final int EVALUATE_EVERY = 10;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final int width;
  private final int numDomains;
  private final float[] parameters; // W [domain][width], then b [domain]
  private final double[] firstMoment;
  private final double[] secondMoment;

  SoftmaxRegression(int width, int numDomains) {
    this.width = width;
    this.numDomains = numDomains;
    this.parameters = new float[(width + 1) * numDomains];
    this.firstMoment = new double[parameters.length];
    this.secondMoment = new double[parameters.length];
  }

  /** Starts from these parameters instead of zeros: [domain][width] and [domain]. */
  void startFrom(double[][] weights, double[] bias) {
    for (int k = 0; k < numDomains; k++) {
      for (int j = 0; j < width; j++) {
        parameters[k * width + j] = (float) weights[k][j];
      }
      parameters[numDomains * width + k] = (float) bias[k];
    }
  }

  /** What an evaluation found. */
  record Evaluation(double loss, double heldOutLoss, double heldOutAccuracy) {}

  /**
   * Trains, and keeps the parameters of the lowest held-out loss, or the last ones where no row is
   * held out.
   *
   * @param progress told the evaluation and the step every ten steps
   */
  void train(
      LabelledRows rows,
      LabelledRows heldOut,
      LayerwiseRouterSettings settings,
      ObjIntConsumer<Evaluation> progress) {
    float[] best = parameters.clone();
    double lowest =
        heldOut.count() == 0 ? Double.POSITIVE_INFINITY : evaluate(0, heldOut).heldOutLoss();
    int bestStep = 0;
    try (INDArray features = Nd4j.create(rows.values(), shape(rows.count(), width), 'c')) {
      for (int step = 1; step <= settings.maxSteps(); step++) {
        double loss = step(features, rows, settings, step);
        if (step % EVALUATE_EVERY == 0 || step == settings.maxSteps()) {
          Evaluation evaluation = evaluate(loss, heldOut);
          progress.accept(evaluation, step);
          boolean better = heldOut.count() == 0 || evaluation.heldOutLoss() < lowest;
          if (better) {
            lowest = evaluation.heldOutLoss();
            bestStep = step;
            best = parameters.clone();
          } else if (step - bestStep >= settings.patience()) {
            break;
          }
        }
      }
    }
    System.arraycopy(best, 0, parameters, 0, best.length);
  }

  /** Returns W, [domain, width], row-major. */
  double[] weights() {
    double[] weights = new double[numDomains * width];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = parameters[i];
    }
    return weights;
  }

  /** Returns b, [domain]. */
  double[] bias() {
    double[] bias = new double[numDomains];
    for (int k = 0; k < numDomains; k++) {
      bias[k] = parameters[width * numDomains + k];
    }
    return bias;
  }

  private double step(
      INDArray features, LabelledRows rows, LayerwiseRouterSettings settings, int step) {
    float[] errors = logits(features);
    double loss = crossEntropy(errors, rows); // turns the logits into probabilities
    int count = rows.count();
    for (int r = 0; r < count; r++) {
      errors[rows.labels()[r] * count + r] -= 1;
      for (int k = 0; k < numDomains; k++) {
        errors[k * count + r] *= (float) rows.weights()[r];
      }
    }
    update(gradient(features, errors, count), settings, step);
    return loss;
  }

  /** Returns x · W, without the bias, [domain][row]. */
  private float[] logits(INDArray features) {
    float[] transposedWeights = Arrays.copyOf(parameters, width * numDomains);
    try (INDArray weights = Nd4j.create(transposedWeights, shape(width, numDomains), 'f');
        INDArray product =
            Nd4j.createUninitialized(
                features.dataType(), shape(features.size(0), numDomains), 'f')) {
      features.mmuli(weights, product);
      return product.data().asFloat();
    }
  }

  /** Returns the gradient of the parameters, in their layout. */
  private float[] gradient(INDArray features, float[] errors, int count) {
    float[] gradient = new float[parameters.length];
    try (INDArray error = Nd4j.create(errors, shape(count, numDomains), 'f');
        INDArray product =
            Nd4j.createUninitialized(features.dataType(), shape(width, numDomains), 'f')) {
      Nd4j.gemm(features, error, product, true, false, 1, 0);
      System.arraycopy(product.data().asFloat(), 0, gradient, 0, width * numDomains);
    }
    for (int i = 0; i < errors.length; i++) {
      gradient[width * numDomains + i / count] += errors[i];
    }
    return gradient;
  }

  private void update(float[] gradient, LayerwiseRouterSettings settings, int step) {
    double correction1 = 1 - Math.pow(BETA1, step);
    double correction2 = 1 - Math.pow(BETA2, step);
    for (int i = 0; i < parameters.length; i++) {
      firstMoment[i] = BETA1 * firstMoment[i] + (1 - BETA1) * gradient[i];
      secondMoment[i] = BETA2 * secondMoment[i] + (1 - BETA2) * gradient[i] * gradient[i];
      double denominator = Math.sqrt(secondMoment[i] / correction2) + EPSILON;
      double decay = i < width * numDomains ? settings.weightDecay() * parameters[i] : 0;
      parameters[i] -=
          (float) (settings.learningRate() * (firstMoment[i] / correction1 / denominator + decay));
    }
  }

  private Evaluation evaluate(double loss, LabelledRows heldOut) {
    if (heldOut.count() == 0) {
      return new Evaluation(loss, Double.NaN, Double.NaN);
    }
    float[] logits;
    try (INDArray features = Nd4j.create(heldOut.values(), shape(heldOut.count(), width), 'c')) {
      logits = logits(features);
    }
    double heldOutLoss = crossEntropy(logits, heldOut);
    return new Evaluation(loss, heldOutLoss, accuracy(logits, heldOut));
  }

  private double accuracy(float[] scores, LabelledRows rows) {
    int count = rows.count();
    double accuracy = 0;
    for (int r = 0; r < count; r++) {
      int best = 0;
      for (int k = 1; k < numDomains; k++) {
        if (scores[k * count + r] > scores[best * count + r]) {
          best = k;
        }
      }
      accuracy += best == rows.labels()[r] ? rows.weights()[r] : 0;
    }
    return accuracy;
  }

  /** Returns the weighted cross entropy; adds the bias and turns logits into probabilities. */
  private double crossEntropy(float[] logits, LabelledRows rows) {
    int count = rows.count();
    double loss = 0;
    for (int r = 0; r < count; r++) {
      double highest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < numDomains; k++) {
        logits[k * count + r] += parameters[width * numDomains + k];
        highest = Math.max(highest, logits[k * count + r]);
      }
      double labelled = logits[rows.labels()[r] * count + r] - highest;
      double sum = 0;
      for (int k = 0; k < numDomains; k++) {
        double exponential = Math.exp(logits[k * count + r] - highest);
        logits[k * count + r] = (float) exponential;
        sum += exponential;
      }
      for (int k = 0; k < numDomains; k++) {
        logits[k * count + r] /= (float) sum;
      }
      loss += rows.weights()[r] * (Math.log(sum) - labelled);
    }
    return loss;
  }

  private static long[] shape(long rows, long columns) {
    return new long[] {rows, columns};
  }
}
