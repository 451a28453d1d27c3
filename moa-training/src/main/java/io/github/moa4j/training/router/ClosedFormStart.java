package io.github.moa4j.training.router;

import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import java.util.List;

/**
 * Where a layer's training starts: the ridge regression of its state, as logits on standardised
 * features. From zeros, gradient steps find the directions of high variance first; the closed form
 * weighs all directions by their covariance and holds up better on prompts that differ from the
 * training's.
 *
 * @param weights [domain][width]
 * @param bias [domain]
 */
record ClosedFormStart(double[][] weights, double[] bias) {

  static ClosedFormStart of(List<DomainRows> domains, int state, Standardisation standardisation) {
    List<DomainStatistics> statistics =
        domains.stream().map(domain -> domain.statistics(state)).toList();
    RidgeRouter ridge = RidgeRouter.fit(statistics, RidgeSettings.defaults());
    return onStandardised(ridge.layers().get(0), ridge.temperature(), standardisation);
  }

  private static ClosedFormStart onStandardised(
      StateClassifier classifier, double temperature, Standardisation standardisation) {
    int width = classifier.features();
    float[] raw = classifier.weights();
    float[] rawBias = classifier.bias();
    double[][] weights = new double[rawBias.length][width];
    double[] bias = new double[rawBias.length];
    for (int k = 0; k < bias.length; k++) {
      double sum = rawBias[k];
      for (int j = 0; j < width; j++) {
        double weight = raw[k * width + j];
        sum += weight * standardisation.mean()[j];
        double scale = standardisation.scale()[j];
        weights[k][j] = scale > 0 ? weight / scale / temperature : 0;
      }
      bias[k] = sum / temperature;
    }
    return new ClosedFormStart(weights, bias);
  }

  void applyTo(SoftmaxRegression regression) {
    regression.startFrom(weights, bias);
  }
}
