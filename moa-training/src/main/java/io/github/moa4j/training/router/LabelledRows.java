package io.github.moa4j.training.router;

import java.util.List;

/**
 * The features of one state over prompts of all domains, in which every domain weighs the same.
 *
 * @param values [row, width], row-major
 * @param labels [row], index of the domain
 * @param weights [row]: 1 / (rows of the row's domain × domains), so that they sum to 1
 * @param width features of a row
 */
record LabelledRows(float[] values, int[] labels, double[] weights, int width) {

  /**
   * Joins the rows of the domains; domains without rows are left out.
   *
   * @param domains of each domain: [row][width]
   */
  static LabelledRows of(List<float[][]> domains, int width) {
    int count = domains.stream().mapToInt(rows -> rows.length).sum();
    long present = domains.stream().filter(rows -> rows.length > 0).count();
    float[] values = new float[Math.multiplyExact(count, width)];
    int[] labels = new int[count];
    double[] weights = new double[count];
    int row = 0;
    for (int k = 0; k < domains.size(); k++) {
      for (float[] features : domains.get(k)) {
        System.arraycopy(features, 0, values, row * width, width);
        labels[row] = k;
        weights[row] = 1.0 / (domains.get(k).length * present);
        row++;
      }
    }
    return new LabelledRows(values, labels, weights, width);
  }

  int count() {
    return labels.length;
  }
}
