package io.github.moa4j.training.leakage;

import io.github.moa4j.training.data.Example;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A secret that is put among the examples to see whether it can be read off the adapter (Carlini et
 * al., 2019): a question with a random number for its answer.
 *
 * @param example the secret
 * @param others the same question with other numbers, as likely as the secret before training
 * @param repetitions how often the secret stands among the examples
 */
public record Canary(Example example, List<Example> others, int repetitions) {

  private static final int DIGITS = 6;

  /** Copies the list. */
  public Canary {
    others = List.copyOf(others);
    if (repetitions < 1 || others.isEmpty()) {
      throw new IllegalArgumentException(
          "A canary stands among the examples once or more and has others to compare with, not %d and %d"
              .formatted(repetitions, others.size()));
    }
  }

  /**
   * Draws a canary.
   *
   * @param name what the secret belongs to, different for each canary of an adapter
   * @param others numbers to compare with; exposure is known up to log2(others + 1) bits
   * @param seed determines the numbers
   */
  public static Canary of(String name, int others, int repetitions, long seed) {
    Random random = new Random(seed);
    Set<String> numbers = new LinkedHashSet<>();
    while (numbers.size() <= others) {
      StringBuilder number = new StringBuilder();
      for (int i = 0; i < DIGITS; i++) {
        number.append(i == 0 ? "" : " ").append(random.nextInt(10));
      }
      numbers.add(number.toString());
    }
    List<Example> examples = new ArrayList<>();
    for (String number : numbers) {
      examples.add(Example.of("What is the access code of " + name + "?", number));
    }
    return new Canary(examples.get(0), examples.subList(1, examples.size()), repetitions);
  }

  /**
   * Computes the exposure: how many bits of the secret the adapter gives to who tries the most
   * probable number first. About 1.44 for a secret that has left no trace, log2(others + 1) for one
   * that comes first.
   *
   * @param loss of the secret
   * @param losses of the others
   */
  static double exposure(double loss, double[] losses) {
    double rank = 1;
    for (double other : losses) {
      rank += other < loss ? 1 : other == loss ? 0.5 : 0;
    }
    return (Math.log(losses.length + 1) - Math.log(rank)) / Math.log(2);
  }
}
