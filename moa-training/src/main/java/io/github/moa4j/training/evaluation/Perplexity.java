package io.github.moa4j.training.evaluation;

import java.util.Collection;

/**
 * How surprised a model is by the reference answers: exp of the mean negative log-likelihood of a
 * token, every token weighing the same.
 *
 * @param negativeLogLikelihood sum over the tokens, natural logarithm
 * @param tokens number of tokens
 */
public record Perplexity(double negativeLogLikelihood, long tokens) {

  /** No token yet. */
  public static final Perplexity NONE = new Perplexity(0, 0);

  /** Checks the count. */
  public Perplexity {
    if (tokens < 0) {
      throw new IllegalArgumentException("A number of tokens must not be negative: " + tokens);
    }
  }

  /** Returns the sums of the negative log-likelihoods of tokens, one each. */
  public static Perplexity of(float[] losses) {
    double sum = 0;
    for (float loss : losses) {
      sum += loss;
    }
    return new Perplexity(sum, losses.length);
  }

  /** Returns the sums of both together. */
  public Perplexity plus(Perplexity other) {
    return new Perplexity(
        negativeLogLikelihood + other.negativeLogLikelihood, tokens + other.tokens);
  }

  /** Returns the mean negative log-likelihood of a token; NaN if there is none. */
  public double loss() {
    return negativeLogLikelihood / tokens;
  }

  /** Returns the perplexity, at least 1; NaN if there is no token. */
  public double value() {
    return Math.exp(loss());
  }

  /** Returns the geometric mean of perplexities, each domain weighing the same; NaN of none. */
  public static double geometricMean(Collection<Perplexity> perplexities) {
    return Math.exp(
        perplexities.stream().mapToDouble(Perplexity::loss).average().orElse(Double.NaN));
  }
}
