package io.github.moa4j.training.merging;

/** Sums over maps of what pairs of adapters have in common. */
final class PairSums {

  private final double[][] inner; // Σ of the deltas' inner products
  private final double[][] columns; // Σ of the mean cosines
  private final double[][] rows;
  private final int[][] shared; // maps that both adapt

  PairSums(int adapters) {
    inner = new double[adapters][adapters];
    columns = new double[adapters][adapters];
    rows = new double[adapters][adapters];
    shared = new int[adapters][adapters];
  }

  void add(MapSimilarity map) {
    int[] adapters = map.adapters();
    for (int i = 0; i < adapters.length; i++) {
      for (int j = 0; j < adapters.length; j++) {
        int first = adapters[i];
        int second = adapters[j];
        inner[first][second] += map.inner()[i][j];
        columns[first][second] += map.columns()[i][j];
        rows[first][second] += map.rows()[i][j];
        shared[first][second]++;
      }
    }
  }

  AdapterSimilarity similarity() {
    int size = inner.length;
    double[][] cosine = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double norms = Math.sqrt(inner[i][i]) * Math.sqrt(inner[j][j]);
        cosine[i][j] = norms == 0 ? 0 : Math.max(-1, Math.min(1, inner[i][j] / norms));
      }
    }
    return new AdapterSimilarity(cosine, mean(columns), mean(rows));
  }

  private double[][] mean(double[][] sums) {
    double[][] mean = new double[sums.length][sums.length];
    for (int i = 0; i < sums.length; i++) {
      for (int j = 0; j < sums.length; j++) {
        mean[i][j] = sums[i][j] / Math.max(1, shared[i][j]);
      }
    }
    return mean;
  }
}
