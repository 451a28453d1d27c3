package io.github.moa4j.examples.domains;

import java.util.List;
import java.util.random.RandomGenerator;

/** Draws the slots of a template. */
final class Draw {

  private Draw() {}

  /** Draws one of the choices, each as probable as the other. */
  static String oneOf(RandomGenerator random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** Draws one of the choices, each as probable as the other. */
  static <T> T oneOf(RandomGenerator random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** Draws a whole number, both ends included. */
  static int number(RandomGenerator random, int first, int last) {
    return random.nextInt(first, last + 1);
  }

  /** Is true with a probability. */
  static boolean chance(RandomGenerator random, double probability) {
    return random.nextDouble() < probability;
  }
}
