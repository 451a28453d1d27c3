package io.github.moa4j.examples.study.benchmark;

import java.util.SplittableRandom;

/** How many tokens, and which: the same for everyone who is measured. */
final class Tokens {

  /** Tokens of the prompt whose prefill is timed. */
  static final int PREFILL = 512;

  /** Tokens of the prompt before decoding. */
  static final int PROMPT = 16;

  /** Tokens decoded before the clock starts. */
  static final int WARM_UP = 8;

  /** Tokens decoded by the clock. */
  static final int DECODED = 32;

  /** Of a sequence at the end of decoding. */
  static final int LENGTH = PROMPT + WARM_UP + DECODED;

  private Tokens() {}

  static int[] random(int count, int vocabulary, long seed) {
    return new SplittableRandom(seed).ints(count, 0, vocabulary).toArray();
  }

  static int[] random(int count, int vocabulary) {
    return random(count, vocabulary, 0);
  }

  /**
   * @param start of {@link System#nanoTime}
   */
  static double perSecond(int tokens, long start) {
    return tokens * 1e9 / (System.nanoTime() - start);
  }
}
