package io.github.moa4j.core.template;

/**
 * What one rendering may still do, so that no template, however it is written, takes a machine's
 * time or memory: every operation pays for its work in steps before it does it, and every text that
 * is made pays for its characters, whether it is printed or only looked at. A step stands for some
 * ten nanoseconds and at most some ten bytes that may stay.
 */
final class Budget {

  /** The steps of one rendering; real templates take some ten for each part of a message. */
  static final long STEPS = 10_000_000;

  /** The characters of all texts that one rendering makes, its output among them. */
  static final long CHARACTERS = 32L << 20;

  /** How deep values, and calls of macros and loops, may lie in one another. */
  static final int DEPTH = 100;

  private static final int CHARACTERS_A_STEP = 16;

  private final long mostSteps;
  private final long mostCharacters;
  private long steps;
  private long characters;
  private int depth;

  Budget(long steps, long characters) {
    this.mostSteps = steps;
    this.mostCharacters = characters;
    this.steps = steps;
    this.characters = characters;
  }

  /** Pays for one step. */
  void step() {
    steps(1);
  }

  /** Pays for steps. */
  void steps(long count) {
    if (count > steps) {
      throw new TemplateException(
          "the template does more than the " + mostSteps + " steps that one rendering may take");
    }
    steps -= count;
  }

  /** Pays for turning a whole number of so many bits into decimal digits, or back. */
  void digits(long bits) {
    steps(1 + bits * bits / 16_384);
  }

  /** Pays for looking through a text. */
  void scan(long length) {
    steps(1 + length / CHARACTERS_A_STEP);
  }

  /** Pays for looking for a part in a text, whose first characters may be found again and again. */
  void search(String text, String part) {
    scan((long) text.length() * (1 + Math.min(part.length(), 32) / 8) + part.length());
  }

  /** Pays for a text of this length, before it is made. */
  void text(long length) {
    if (length > characters) {
      throw new TemplateException(
          "the template makes texts of more than the "
              + mostCharacters
              + " characters that one rendering may make");
    }
    characters -= length;
    scan(length);
  }

  /** Pays for a text at most a small factor longer than one that is paid for already. */
  String made(String text) {
    text(text.length());
    return text;
  }

  /** Pays for a list, tuple or map of this many elements, before it is made. */
  void elements(long count) {
    steps(count > STEPS ? count : 8 + 4 * count);
  }

  /** Goes one level deeper; whoever leaves it without an exception says so by {@link #leave}. */
  void enter() {
    if (++depth > DEPTH) {
      throw new TemplateException(
          "values or calls are nested more than " + DEPTH + " levels deep in one another");
    }
  }

  void leave() {
    depth--;
  }
}
