package io.github.moa4j.training.merging;

/** Keeps the entries of greatest magnitude, in linear time on average. */
final class GreatestMagnitudes {

  private GreatestMagnitudes() {}

  /**
   * Returns the values with all but some set to zero; of equal magnitudes the first stay.
   *
   * @param kept how many stay, from 1 to their number
   */
  static double[] keep(double[] values, int kept) {
    double threshold = magnitude(values, kept);
    int equal = kept; // how many at the threshold may stay
    for (double value : values) {
      if (Math.abs(value) > threshold) {
        equal--;
      }
    }
    double[] rest = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double magnitude = Math.abs(values[i]);
      if (magnitude > threshold || (magnitude == threshold && equal-- > 0)) {
        rest[i] = values[i];
      }
    }
    return rest;
  }

  /** The magnitude of that rank, 1 being the greatest (Hoare's quickselect). */
  private static double magnitude(double[] values, int rank) {
    double[] magnitudes = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
    }
    int target = values.length - rank;
    int low = 0;
    int high = values.length - 1;
    while (low < high) {
      double pivot = magnitudes[(low + high) >>> 1];
      int left = low;
      int right = high;
      while (left <= right) {
        while (magnitudes[left] < pivot) {
          left++;
        }
        while (magnitudes[right] > pivot) {
          right--;
        }
        if (left <= right) {
          double swapped = magnitudes[left];
          magnitudes[left++] = magnitudes[right];
          magnitudes[right--] = swapped;
        }
      }
      if (target <= right) {
        high = right;
      } else if (target >= left) {
        low = left;
      } else {
        return magnitudes[target];
      }
    }
    return magnitudes[target];
  }
}
