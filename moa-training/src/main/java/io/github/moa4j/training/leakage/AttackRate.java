package io.github.moa4j.training.leakage;

import io.github.moa4j.training.evaluation.Auroc;
import java.util.Arrays;

/**
 * How well an attack tells examples that an adapter has learnt from those it has not.
 *
 * @param auc how likely a member scores above another example; 0.5 for a guess
 * @param truePositives share of the members that score above all but a hundredth of the others:
 *     what can be told with little doubt (Carlini et al., 2022), 0.01 for a guess
 * @param members scores of members
 * @param others scores of others
 */
public record AttackRate(double auc, double truePositives, int members, int others) {

  private static final double FALSE_POSITIVES = 0.01;

  /**
   * Measures.
   *
   * @param members scores that should be high; not empty
   * @param others scores that should be low; not empty
   */
  static AttackRate of(double[] members, double[] others) {
    double[] sorted = Arrays.stream(others).sorted().toArray();
    int allowed = (int) Math.floor(FALSE_POSITIVES * sorted.length);
    double threshold = sorted[sorted.length - 1 - allowed];
    long told = Arrays.stream(members).filter(score -> score > threshold).count();
    return new AttackRate(
        Auroc.of(members, others), (double) told / members.length, members.length, others.length);
  }
}
