package io.github.moa4j.training.privacy;

/** The fast Fourier transform of Cooley and Tukey (1965), in place. */
final class Fourier {

  private final int n;
  private final double[] cosines;
  private final double[] sines;

  /** Prepares for so many numbers, a power of two. */
  Fourier(int n) {
    this.n = n;
    this.cosines = new double[n / 2];
    this.sines = new double[n / 2];
    for (int i = 0; i < n / 2; i++) {
      double angle = -2 * Math.PI * i / n;
      cosines[i] = Math.cos(angle);
      sines[i] = Math.sin(angle);
    }
  }

  /** Transforms complex numbers; with the arrays changed round, back, times their number. */
  void transform(double[] real, double[] imaginary) {
    int unused = Integer.numberOfLeadingZeros(n) + 1;
    for (int i = 1; i < n; i++) {
      int j = Integer.reverse(i) >>> unused;
      if (i < j) {
        swap(real, i, j);
        swap(imaginary, i, j);
      }
    }
    for (int half = 1; half < n; half *= 2) {
      int stride = n / (2 * half);
      for (int start = 0; start < n; start += 2 * half) {
        for (int k = 0; k < half; k++) {
          int even = start + k;
          int odd = even + half;
          double cosine = cosines[k * stride];
          double sine = sines[k * stride];
          double turned = real[odd] * cosine - imaginary[odd] * sine;
          double turnedToo = real[odd] * sine + imaginary[odd] * cosine;
          real[odd] = real[even] - turned;
          imaginary[odd] = imaginary[even] - turnedToo;
          real[even] += turned;
          imaginary[even] += turnedToo;
        }
      }
    }
  }

  private static void swap(double[] values, int i, int j) {
    double value = values[i];
    values[i] = values[j];
    values[j] = value;
  }
}
