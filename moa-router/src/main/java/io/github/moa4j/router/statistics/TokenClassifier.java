package io.github.moa4j.router.statistics;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.TokenGrams;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Scores domains by the tokens of a prompt and the pairs of neighbours among them (naive Bayes):
 * with p_kg the share of gram g in what was counted of domain k, a prompt's score is the mean of
 * log(1 + p_kg / δ) over its grams. A gram that no domain has tells nothing.
 *
 * <p>Where every domain has learnt to tell its prompts from text of no domain ({@link
 * GramRegression}), it tells that, too. Immutable and thread-safe.
 */
public final class TokenClassifier {

  /** A share that may as well be none. */
  private static final double LEAST_SHARE = 3e-5;

  private final float[] weights; // [bin][row of the whole classifier]
  private final int width; // rows of the whole classifier
  private final int[] rows; // of it that are in use
  private final List<Optional<GramRegression>> regressions; // of these; none of kinds of no domain

  private TokenClassifier(
      float[] weights, int width, int[] rows, List<Optional<GramRegression>> regressions) {
    this.weights = weights;
    this.width = width;
    this.rows = rows;
    this.regressions = List.copyOf(regressions);
  }

  private TokenClassifier(float[] weights, int width) {
    this(
        weights,
        width,
        IntStream.range(0, width).toArray(),
        Collections.nCopies(width, Optional.empty()));
  }

  /**
   * Learns what was counted.
   *
   * @param counts of each row, {@link DomainStatistics#gramCounts}
   */
  public static TokenClassifier fit(List<int[]> counts) {
    int width = counts.size();
    float[] weights = new float[Math.multiplyExact(TokenGrams.BINS, width)];
    for (int row = 0; row < width; row++) {
      int[] own = counts.get(row);
      double total = Math.max(1, Arrays.stream(own).asLongStream().sum());
      for (int bin = 0; bin < own.length; bin++) {
        weights[bin * width + row] = (float) Math.log1p(own[bin] / total / LEAST_SHARE);
      }
    }
    return new TokenClassifier(weights, width);
  }

  /**
   * Creates a classifier of what a file holds.
   *
   * @param weights [bin, row]
   * @throws RouterException if a value is NaN or infinite
   */
  public static TokenClassifier of(HostTensor weights) {
    float[] values = weights.toFloatArray();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new RouterException(
            "The router's weights for tokens hold NaN or infinity. Fit it again.");
      }
    }
    int width = values.length / TokenGrams.BINS;
    return new TokenClassifier(values, width);
  }

  /**
   * Returns a classifier that tells of each row, too, whether a prompt is rather of it or of none.
   *
   * @param regressions one a row; none of kinds of what is of no domain
   */
  public TokenClassifier tellingApart(List<Optional<GramRegression>> regressions) {
    if (regressions.size() != rows.length) {
      throw new RouterException(
          "A classifier of %d rows needs as many regressions, not %d."
              .formatted(rows.length, regressions.size()));
    }
    return new TokenClassifier(weights, width, rows, regressions);
  }

  /** Returns the number of rows it scores. */
  public int numDomains() {
    return rows.length;
  }

  /** Returns a copy of the weights, [bin, row], row-major. */
  public float[] weights() {
    float[] own = new float[TokenGrams.BINS * rows.length];
    for (int bin = 0; bin < TokenGrams.BINS; bin++) {
      for (int i = 0; i < rows.length; i++) {
        own[bin * rows.length + i] = weights[bin * width + rows[i]];
      }
    }
    return own;
  }

  /**
   * Returns a classifier of some rows alone, which shares the weights.
   *
   * @param places of the rows, at least one, in the order that they shall have
   */
  public TokenClassifier domains(int[] places) {
    return new TokenClassifier(
        weights,
        width,
        IntStream.of(places).map(place -> rows[place]).toArray(),
        IntStream.of(places).mapToObj(regressions::get).toList());
  }

  /** Returns a classifier whose scores are divided by the temperature. */
  public TokenClassifier withTemperature(double temperature) {
    float[] divided = new float[weights.length];
    for (int i = 0; i < divided.length; i++) {
      divided[i] = (float) (weights[i] / temperature);
    }
    return new TokenClassifier(divided, width, rows, regressions);
  }

  /** Returns what tells each row from text of no domain; none of rows that are not told. */
  public List<Optional<GramRegression>> regressions() {
    return regressions;
  }

  /**
   * Scores the rows.
   *
   * @param grams of the prompt, at least one; see {@link DomainStatistics#heldOutGrams}
   * @return [row]
   */
  public double[] scores(int[] grams) {
    double[] scores = new double[rows.length];
    for (int bin : grams) {
      int start = bin * width;
      for (int i = 0; i < scores.length; i++) {
        scores[i] += weights[start + rows[i]];
      }
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= grams.length;
    }
    return scores;
  }
}
