package io.github.moa4j.training.personal;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text as patterns see it: digits of every script and full-width forms as ASCII, every space and
 * dash as one, invisible characters left out, {@code (at)} and {@code (dot)} as the signs they
 * stand for. Remembers where each character comes from.
 */
final class PlainText {

  private static final Pattern SPELT =
      Pattern.compile(
          "\\h{0,4}(?:\\(\\h?(at|dot)\\h?\\)|\\[\\h?(at|dot)\\h?\\]|\\{\\h?(at|dot)\\h?\\})\\h{0,4}",
          Pattern.CASE_INSENSITIVE);

  private final StringBuilder plain = new StringBuilder();
  private int[] starts = new int[64];
  private int[] ends = new int[64];

  PlainText(String text) {
    Matcher spelt = SPELT.matcher(text);
    int next = spelt.find() ? spelt.start() : text.length();
    for (int i = 0; i < text.length(); ) {
      if (i == next) {
        boolean at = spelt.group().strip().substring(1).strip().charAt(0) % 32 == 'a' % 32;
        add(at ? '@' : '.', i, spelt.end());
        i = spelt.end();
        next = spelt.find() ? spelt.start() : text.length();
        continue;
      }
      int character = text.codePointAt(i);
      int end = i + Character.charCount(character);
      int folded = fold(character);
      if (folded >= 0) {
        for (char unit : Character.toChars(folded)) {
          add(unit, i, end);
        }
      }
      i = end;
    }
  }

  private void add(char unit, int start, int end) {
    if (plain.length() == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
      ends = Arrays.copyOf(ends, 2 * ends.length);
    }
    starts[plain.length()] = start;
    ends[plain.length()] = end;
    plain.append(unit);
  }

  private static int fold(int character) {
    if (character < 0x80) {
      return character;
    }
    if (character >= 0xFF01 && character <= 0xFF5E) {
      return character - 0xFEE0; // full-width forms
    }
    return switch (Character.getType(character)) {
      case Character.DECIMAL_DIGIT_NUMBER -> '0' + Character.digit(character, 10);
      case Character.FORMAT -> -1; // joiners, marks of direction, soft hyphens
      case Character.SPACE_SEPARATOR -> ' ';
      case Character.DASH_PUNCTUATION -> '-';
      default -> character == '\u2212' ? '-' : character; // the minus sign
    };
  }

  /** Returns the text as patterns see it. */
  @Override
  public String toString() {
    return plain.toString();
  }

  /** Returns where the character at a place begins in the original. */
  int start(int place) {
    return starts[place];
  }

  /** Returns where the character before a place ends in the original. */
  int end(int place) {
    return ends[place - 1];
  }
}
