package io.github.moa4j.training.merging;

import io.github.moa4j.router.algebra.internal.Matrix;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The dense combinations of deltas that no product of small factors can express. Each delta is
 * formed when it is needed, so a map takes a few arrays of its own size, however many adapters
 * there are.
 */
final class SparseDeltas {

  private final AdaptedMap map;
  private final List<Double> weights;
  private final Sparsifier sparsifier;

  private SparseDeltas(AdaptedMap map, List<Double> weights, Sparsifier sparsifier) {
    this.map = map;
    this.weights = weights;
    this.sparsifier = sparsifier;
  }

  /** Sets entries of a delta to zero; gives the same result whenever it sees the same part. */
  private interface Sparsifier {
    double[] apply(AdaptedMap.Part part, double[] delta);
  }

  /** TIES: trim, elect, mean. */
  static Matrix ties(AdaptedMap map, List<Double> weights, MergeMethod.Ties method) {
    return new SparseDeltas(map, weights, (part, delta) -> trimmed(delta, method.density()))
        .electedMean();
  }

  /** DARE: drop and rescale, then sum, or elect and mean. */
  static Matrix dare(AdaptedMap map, List<Double> weights, MergeMethod.Dare method) {
    SparseDeltas deltas =
        new SparseDeltas(map, weights, (part, delta) -> dropped(map.site(), part, delta, method));
    return method.electSigns() ? deltas.electedMean() : deltas.sum();
  }

  private static double[] trimmed(double[] delta, double density) {
    int kept = Math.max(1, (int) (density * delta.length));
    return kept == delta.length ? delta : GreatestMagnitudes.keep(delta, kept);
  }

  private static double[] dropped(
      AdaptedMap.Site site, AdaptedMap.Part part, double[] delta, MergeMethod.Dare method) {
    if (method.density() == 1) {
      return delta;
    }
    SplittableRandom random = random(method.seed(), site, part.adapter());
    double[] rest = new double[delta.length];
    for (int i = 0; i < delta.length; i++) {
      if (random.nextDouble() < method.density()) {
        rest[i] = delta[i] / method.density();
      }
    }
    return rest;
  }

  /** A stream of its own for each map and adapter, whatever else is merged. */
  private static SplittableRandom random(long seed, AdaptedMap.Site site, int adapter) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int key : new int[] {site.layer(), site.below().hashCode(), adapter}) {
      random = new SplittableRandom(random.nextLong() + key);
    }
    return random;
  }

  private double[] delta(AdaptedMap.Part part) {
    return sparsifier.apply(part, part.delta().values());
  }

  private Matrix sum() {
    double[] sum = new double[Math.multiplyExact(map.outputSize(), map.inputSize())];
    for (AdaptedMap.Part part : map.parts()) {
      double weight = weights.get(part.adapter());
      double[] delta = delta(part);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weight * delta[i];
      }
    }
    return new Matrix(map.outputSize(), map.inputSize(), sum);
  }

  private Matrix electedMean() {
    double[] total = new double[Math.multiplyExact(map.outputSize(), map.inputSize())];
    for (AdaptedMap.Part part : map.parts()) {
      double[] delta = delta(part);
      for (int i = 0; i < total.length; i++) {
        total[i] += delta[i];
      }
    }
    double[] mean = new double[total.length];
    int[] agreeing = new int[total.length];
    for (AdaptedMap.Part part : map.parts()) {
      double weight = weights.get(part.adapter());
      double[] delta = delta(part);
      for (int i = 0; i < total.length; i++) {
        if (total[i] >= 0 ? delta[i] > 0 : delta[i] < 0) {
          mean[i] += weight * delta[i];
          agreeing[i]++;
        }
      }
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= Math.max(1, agreeing[i]);
    }
    return new Matrix(map.outputSize(), map.inputSize(), mean);
  }
}
