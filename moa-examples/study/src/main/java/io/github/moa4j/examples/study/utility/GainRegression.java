package io.github.moa4j.examples.study.utility;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.algebra.internal.Cholesky;
import java.util.ArrayList;
import java.util.List;

/**
 * Foretells numbers of a prompt: of each state a ridge regression on its standardised features, of
 * which the mean is taken.
 */
final class GainRegression {

  private static final double REGULARIZATION = 0.001;

  private final List<double[][]> weights =
      new ArrayList<>(); // of each state [target][features + 1]

  /**
   * Fits it.
   *
   * @param targets [prompt][target]
   */
  GainRegression(List<PromptStates> prompts, double[][] targets) {
    for (int state = 0; state < prompts.get(0).numStates(); state++) {
      int index = state;
      weights.add(
          fit(
              prompts.stream()
                  .map(prompt -> Pooling.MEAN_AND_LAST.of(prompt, index))
                  .toArray(float[][]::new),
              targets));
    }
  }

  private static double[][] fit(float[][] rows, double[][] targets) {
    int width = rows[0].length;
    int count = targets[0].length;
    double[] mean = new double[width];
    double[] targetMean = new double[count];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < width; j++) {
        mean[j] += rows[i][j] / (double) rows.length;
      }
      for (int k = 0; k < count; k++) {
        targetMean[k] += targets[i][k] / rows.length;
      }
    }
    double[] covariance = new double[width * width];
    double[] correlation = new double[count * width];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < width; j++) {
        double x = (rows[i][j] - mean[j]) / rows.length;
        for (int k = 0; k < width; k++) {
          covariance[j * width + k] += x * (rows[i][k] - mean[k]);
        }
        for (int k = 0; k < count; k++) {
          correlation[k * width + j] += x * (targets[i][k] - targetMean[k]);
        }
      }
    }
    double[] scale = new double[width];
    for (int j = 0; j < width; j++) {
      scale[j] = 1 / Math.sqrt(covariance[j * width + j] + 1e-12);
    }
    for (int j = 0; j < width; j++) {
      for (int k = 0; k < width; k++) {
        covariance[j * width + k] *= scale[j] * scale[k];
      }
      covariance[j * width + j] += REGULARIZATION;
      for (int k = 0; k < count; k++) {
        correlation[k * width + j] *= scale[j];
      }
    }
    double[] solved = Cholesky.of(covariance, width).solve(correlation, count);
    double[][] weights = new double[count][width + 1];
    for (int k = 0; k < count; k++) {
      weights[k][width] = targetMean[k];
      for (int j = 0; j < width; j++) {
        weights[k][j] = solved[k * width + j] * scale[j];
        weights[k][width] -= weights[k][j] * mean[j];
      }
    }
    return weights;
  }

  /** Returns what is foretold, [target]. */
  double[] of(PromptStates prompt) {
    double[] foretold = new double[weights.get(0).length];
    for (int state = 0; state < weights.size(); state++) {
      float[] features = Pooling.MEAN_AND_LAST.of(prompt, state);
      for (int k = 0; k < foretold.length; k++) {
        double[] own = weights.get(state)[k];
        double sum = own[features.length];
        for (int j = 0; j < features.length; j++) {
          sum += own[j] * features[j];
        }
        foretold[k] += sum / weights.size();
      }
    }
    return foretold;
  }
}
