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
  static final long CHARACTERS = 64L << 20;

  /** How deep values, and calls of macros and loops, may lie in one another. */
  static final int DEPTH = 120;

  private static final int CHARACTERS_A_STEP = 16;

  private long steps = STEPS;
  private long characters = CHARACTERS;
  private int depth;

  /** Pays for one step. */
  void step() {
    steps(1);
  }

  /** Pays for steps. */
  void steps(long count) {
    if (count > steps) {
      throw new TemplateException(
          "the template does more than the " + STEPS + " steps that one rendering may take");
    }
    steps -= count;
  }

  /** Pays for looking through a text. */
  void scan(long length) {
    steps(1 + length / CHARACTERS_A_STEP);
  }

  /** Pays for a text of this length, before it is made. */
  void text(long length) {
    if (length > characters) {
      throw new TemplateException(
          "the template makes texts of more than the "
              + CHARACTERS
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
