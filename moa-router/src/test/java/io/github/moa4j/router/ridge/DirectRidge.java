package io.github.moa4j.router.ridge;

import io.github.moa4j.core.model.PromptStates;
import java.util.List;

/**
 * Weighted ridge regression straight from its definition, row by row in f64, with an intercept that
 * is not penalised: minimises Σ_r v_r ‖y_r − W z_r − b‖² + λ‖W‖² with v_r = 1 / (K n_k) and z the
 * standardised features. No moments, no Cholesky: Gaussian elimination with pivoting over
 * [features, 1].
 */
final class DirectRidge {

  private DirectRidge() {}

  static double[] scores(
      List<List<PromptStates>> domains, int state, double lambda, PromptStates prompt) {
    int width = prompt.hiddenSize();
    int numDomains = domains.size();
    double[] mean = new double[width];
    double[] deviation = new double[width];
    forEach(domains, state, (x, k, v) -> add(mean, x, v));
    forEach(
        domains,
        state,
        (x, k, v) -> {
          for (int j = 0; j < width; j++) {
            deviation[j] += v * (x[j] - mean[j]) * (x[j] - mean[j]);
          }
        });
    double[][] normal = new double[width + 1][width + 1];
    double[][] target = new double[width + 1][numDomains];
    forEach(
        domains,
        state,
        (x, k, v) -> {
          double[] z = standardised(x, mean, deviation);
          for (int i = 0; i <= width; i++) {
            for (int j = 0; j <= width; j++) {
              normal[i][j] += v * z[i] * z[j];
            }
            target[i][k] += v * z[i];
          }
        });
    for (int j = 0; j < width; j++) {
      normal[j][j] += lambda;
    }
    eliminate(normal, target);
    double[] z = standardised(prompt.mean()[state], mean, deviation);
    double[] scores = new double[numDomains];
    for (int k = 0; k < numDomains; k++) {
      for (int j = 0; j <= width; j++) {
        scores[k] += target[j][k] * z[j];
      }
    }
    return scores;
  }

  private interface Row {
    void accept(float[] features, int domain, double weight);
  }

  private static void forEach(List<List<PromptStates>> domains, int state, Row row) {
    for (int k = 0; k < domains.size(); k++) {
      for (PromptStates prompt : domains.get(k)) {
        row.accept(prompt.mean()[state], k, 1.0 / domains.size() / domains.get(k).size());
      }
    }
  }

  private static void add(double[] sum, float[] x, double weight) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += weight * x[j];
    }
  }

  private static double[] standardised(float[] x, double[] mean, double[] variance) {
    double[] z = new double[x.length + 1];
    for (int j = 0; j < x.length; j++) {
      z[j] = (x[j] - mean[j]) / Math.sqrt(variance[j]);
    }
    z[x.length] = 1;
    return z;
  }

  private static void eliminate(double[][] a, double[][] b) {
    int size = a.length;
    for (int column = 0; column < size; column++) {
      int pivot = column;
      for (int i = column + 1; i < size; i++) {
        pivot = Math.abs(a[i][column]) > Math.abs(a[pivot][column]) ? i : pivot;
      }
      swap(a, column, pivot);
      swap(b, column, pivot);
      for (int i = 0; i < size; i++) {
        if (i != column) {
          double factor = a[i][column] / a[column][column];
          subtract(a[i], a[column], factor);
          subtract(b[i], b[column], factor);
        }
      }
    }
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < b[i].length; k++) {
        b[i][k] /= a[i][i];
      }
    }
  }

  private static void swap(double[][] rows, int i, int j) {
    double[] row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
  }

  private static void subtract(double[] row, double[] other, double factor) {
    for (int j = 0; j < row.length; j++) {
      row[j] -= factor * other[j];
    }
  }
}
