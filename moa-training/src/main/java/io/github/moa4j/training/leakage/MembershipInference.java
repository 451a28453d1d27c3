package io.github.moa4j.training.leakage;

import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Guesses which examples adapters have learnt from, given several of them, each of which has learnt
 * from another half.
 *
 * @param losses mean loss of an answer token, [adapter][example]
 * @param member whether the adapter has learnt from the example, [adapter][example]
 */
record MembershipInference(double[][] losses, boolean[][] member) {

  /** By the loss alone: low for a member (Yeom et al., 2018). */
  AttackRate byLoss() {
    return rate((adapter, example) -> -losses[adapter][example]);
  }

  /**
   * By the ratio of two likelihoods: of what the adapter makes of an example, among adapters that
   * have learnt from it and among those that have not (LiRA; Carlini et al., 2022, algorithm 1).
   * All but the one that is attacked serve as shadows; with so few of them one variance is taken
   * for all examples, as there.
   */
  AttackRate byLikelihoodRatio() {
    double inside = deviation(true);
    double outside = deviation(false);
    return rate(
        (adapter, example) -> {
          double score = logit(losses[adapter][example]);
          return logDensity(score, mean(adapter, example, true), inside)
              - logDensity(score, mean(adapter, example, false), outside);
        });
  }

  private interface Score {
    double of(int adapter, int example);
  }

  private AttackRate rate(Score score) {
    return AttackRate.of(scores(score, true), scores(score, false));
  }

  private double[] scores(Score score, boolean members) {
    return IntStream.range(0, losses.length)
        .boxed()
        .flatMapToDouble(
            adapter ->
                IntStream.range(0, losses[adapter].length)
                    .filter(example -> member[adapter][example] == members)
                    .mapToDouble(example -> score.of(adapter, example)))
        .toArray();
  }

  /** The logit of the mean probability of an answer token, which is about Gaussian. */
  private static double logit(double loss) {
    return -loss - Math.log(-Math.expm1(-Math.max(loss, 1e-9)));
  }

  /** As many shadows on either side: where one has more, its mean is the better by chance alone. */
  private double mean(int except, int example, boolean members) {
    return shadows(example, members, adapter -> adapter != except)
        .limit(losses.length / 2 - 1)
        .average()
        .orElseThrow();
  }

  private DoubleStream shadows(int example, boolean members, IntPredicate which) {
    return IntStream.range(0, losses.length)
        .filter(which)
        .filter(adapter -> member[adapter][example] == members)
        .mapToDouble(adapter -> logit(losses[adapter][example]));
  }

  /** The deviation of the adapters' scores from their mean, over all examples. */
  private double deviation(boolean members) {
    double squares = 0;
    int count = 0;
    for (int example = 0; example < losses[0].length; example++) {
      double[] own = shadows(example, members, adapter -> true).toArray();
      double mean = DoubleStream.of(own).average().orElse(0);
      squares += DoubleStream.of(own).map(score -> (score - mean) * (score - mean)).sum();
      count += own.length - 1;
    }
    return Math.sqrt(Math.max(squares / count, 1e-12));
  }

  private static double logDensity(double score, double mean, double deviation) {
    double distance = (score - mean) / deviation;
    return -0.5 * distance * distance - Math.log(deviation);
  }
}
