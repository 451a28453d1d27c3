package io.github.moa4j.training.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Splits text into the words that BLEU counts, as {@code mteval-v13a} and sacreBLEU's {@code 13a}
 * do: punctuation stands alone, but points and commas stay within numbers, and apostrophes and most
 * hyphens within words.
 */
final class Tokens13a {

  /** ASCII punctuation but apostrophe, comma, hyphen and point. */
  private static final Pattern PUNCTUATION = Pattern.compile("([\\p{Punct}&&[^',.-]])");

  private static final Pattern POINT_AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
  private static final Pattern POINT_BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
  private static final Pattern HYPHEN_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

  private Tokens13a() {}

  /** Returns the words of a text, in order. */
  static List<String> of(String text) {
    String line = unescape(stripEnd(text).replace("<skipped>", ""));
    line = line.replace("-\n", "").replace('\n', ' ');
    line = PUNCTUATION.matcher(" " + line + " ").replaceAll(" $1 ");
    line = POINT_AFTER_NO_DIGIT.matcher(line).replaceAll("$1 $2 ");
    line = POINT_BEFORE_NO_DIGIT.matcher(line).replaceAll(" $1 $2");
    line = HYPHEN_AFTER_DIGIT.matcher(line).replaceAll("$1 $2 ");
    return words(line);
  }

  private static String unescape(String text) {
    return text.replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
  }

  private static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= line.length(); i++) {
      boolean space = i == line.length() || isSpace(line.charAt(i));
      if (space && start >= 0) {
        words.add(line.substring(start, i));
        start = -1;
      } else if (!space && start < 0) {
        start = i;
      }
    }
    return words;
  }

  /** White space as Python knows it, no-break spaces and NEL included. */
  private static boolean isSpace(char unit) {
    return Character.isWhitespace(unit) || Character.isSpaceChar(unit) || unit == '\u0085';
  }
}
