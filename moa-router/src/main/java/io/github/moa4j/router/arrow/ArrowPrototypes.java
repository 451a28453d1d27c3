package io.github.moa4j.router.arrow;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.router.algebra.internal.Matrix;
import io.github.moa4j.router.algebra.internal.SingularValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The directions that the adapters of all domains read from the state entering one layer.
 *
 * @param state index of the state
 * @param directions [map][domain]: orthonormal columns [hiddenSize, count], or columns of zeros
 *     where a delta has no such rank
 */
record ArrowPrototypes(int state, List<List<Matrix>> directions) {

  /** The maps whose input is the (normed) state itself. */
  private static final List<TargetModule> READERS =
      List.of(TargetModule.Q_PROJ, TargetModule.K_PROJ, TargetModule.V_PROJ, TargetModule.QKV_PROJ);

  private static final double NOTHING = 1e-6; // of the greatest singular value

  /** Returns the prototypes of a layer; without directions if no map is adapted by everyone. */
  static ArrowPrototypes of(int layer, List<LoraAdapter> adapters, int count) {
    List<List<Matrix>> directions = new ArrayList<>();
    for (TargetModule module : READERS) {
      if (adapters.stream().allMatch(adapter -> adapter.rank(layer, module) > 0)) {
        directions.add(
            adapters.stream().map(adapter -> directions(adapter, layer, module, count)).toList());
      }
    }
    return new ArrowPrototypes(layer, directions);
  }

  private static Matrix directions(LoraAdapter adapter, int layer, TargetModule module, int count) {
    HostTensor a = adapter.loraA(layer, module).orElseThrow();
    HostTensor b = adapter.loraB(layer, module).orElseThrow();
    SingularValues found =
        SingularValues.ofProduct(Matrix.of(b), Matrix.of(a).transposed()).truncated(count);
    double[] used = new double[found.values().length];
    for (int i = 0; i < used.length; i++) {
      used[i] = found.values()[i] > NOTHING * found.values()[0] ? 1 : 0;
    }
    return found.v().timesDiagonal(used);
  }

  /** Returns the prototypes of some domains alone. */
  ArrowPrototypes domains(int[] places) {
    return new ArrowPrototypes(
        state,
        directions.stream().map(map -> Arrays.stream(places).mapToObj(map::get).toList()).toList());
  }

  boolean isEmpty() {
    return directions.isEmpty();
  }

  /** Returns the width that a domain's adapter reads. */
  int hiddenSize(int domain) {
    return directions.get(0).get(domain).rows();
  }

  /**
   * Scores the domains: the share of the state's length that lies in a domain's directions, the
   * mean over the maps. With one direction it is the magnitude of the cosine.
   */
  double[] scores(float[] pooled) {
    double length = 0;
    for (float value : pooled) {
      length += (double) value * value;
    }
    double[] scores = new double[directions.get(0).size()];
    if (length == 0) {
      return scores;
    }
    for (List<Matrix> map : directions) {
      for (int k = 0; k < scores.length; k++) {
        scores[k] += Math.sqrt(energy(map.get(k), pooled) / length) / directions.size();
      }
    }
    return scores;
  }

  private static double energy(Matrix columns, float[] state) {
    double energy = 0;
    for (int j = 0; j < columns.columns(); j++) {
      double projection = 0;
      for (int i = 0; i < state.length; i++) {
        projection += columns.at(i, j) * state[i];
      }
      energy += projection * projection;
    }
    return energy;
  }
}
