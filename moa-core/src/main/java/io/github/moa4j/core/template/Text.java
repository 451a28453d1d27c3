package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Strings as Python sees them: kinds of characters, order and positions in code points. */
final class Text {

  /** Up to this length, searching takes the machine's own way, which is quadratic but fast. */
  private static final int SHORT_PATTERN = 32;

  private static final int PIECE = 128;

  private Text() {}

  static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }

  static boolean isBlank(String text) {
    return text.codePoints().allMatch(Text::isSpace);
  }

  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** A character as its escape in a literal. */
  static String escaped(int c) {
    return String.format(
        Locale.ROOT, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
  }

  /** Whether a character has a case, as letters of most scripts have not. */
  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Text::isCased)
        && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Text::isCased)
        && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
  }

  /** In pieces: the JDK copies all it has so far for every letter that becomes several. */
  static String upper(String text) {
    StringBuilder upper = new StringBuilder(text.length());
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + PIECE);
      to -= to < text.length() && Character.isHighSurrogate(text.charAt(to - 1)) ? 1 : 0;
      upper.append(text.substring(from, to).toUpperCase(Locale.ROOT));
      from = to;
    }
    return upper.toString();
  }

  /** Not in pieces, as a sigma looks around; the one letter that becomes two goes first. */
  static String lower(String text) {
    return text.replace("\u0130", "i\u0307").toLowerCase(Locale.ROOT);
  }

  static String strip(String text, String characters) {
    return stripLeading(stripTrailing(text, characters), characters);
  }

  static String stripTrailing(String text) {
    return stripTrailing(text, null);
  }

  /** Removes these characters, or white space if null, from the end. */
  static String stripTrailing(String text, String characters) {
    IntPredicate strips = anyOf(characters);
    int end = text.length();
    while (end > 0 && strips.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(0, end);
  }

  /** Removes these characters, or white space if null, from the begin. */
  static String stripLeading(String text, String characters) {
    IntPredicate strips = anyOf(characters);
    int begin = 0;
    while (begin < text.length() && strips.test(text.codePointAt(begin))) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    return text.substring(begin);
  }

  private static IntPredicate anyOf(String characters) {
    if (characters == null) {
      return Text::isSpace;
    }
    if (characters.length() <= SHORT_PATTERN) {
      return c -> characters.indexOf(c) >= 0;
    }
    Set<Integer> all = characters.codePoints().boxed().collect(Collectors.toSet());
    return all::contains;
  }

  /** The characters of a text, each as a text. */
  static List<Object> characters(String text, Budget budget) {
    budget.elements(text.length());
    List<Object> characters = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  static long length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The order by code points, which beyond the first 65,536 is not that of Java's chars. */
  static int compare(String left, String right) {
    int length = Math.min(left.length(), right.length());
    for (int i = 0; i < length; i++) {
      char x = left.charAt(i);
      char y = right.charAt(i);
      if (x != y) {
        return Integer.compare(order(x), order(y));
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  /** Surrogates stand for characters behind all the others. */
  private static int order(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }

  /** The first index of a part, in time that grows with the sum of both lengths only. */
  static int indexOf(String text, String part, int from) {
    if (part.length() <= SHORT_PATTERN) {
      return text.indexOf(part, from);
    }
    int[] borders = borders(part);
    int matched = 0;
    for (int i = from; i < text.length(); i++) {
      while (matched > 0 && text.charAt(i) != part.charAt(matched)) {
        matched = borders[matched - 1];
      }
      if (text.charAt(i) == part.charAt(matched) && ++matched == part.length()) {
        return i - matched + 1;
      }
    }
    return -1;
  }

  /** Of each beginning of a text, the length of its longest end that it also begins with. */
  private static int[] borders(String text) {
    int[] borders = new int[text.length()];
    int border = 0;
    for (int i = 1; i < text.length(); i++) {
      while (border > 0 && text.charAt(i) != text.charAt(border)) {
        border = borders[border - 1];
      }
      if (text.charAt(i) == text.charAt(border)) {
        border++;
      }
      borders[i] = border;
    }
    return borders;
  }

  /** The last index of a part that ends at {@code before} at the latest. */
  static int lastIndexOf(String text, String part, int before) {
    if (part.length() <= SHORT_PATTERN) {
      return text.lastIndexOf(part, before - part.length());
    }
    int found = indexOf(reversed(text.substring(0, before)), reversed(part), 0);
    return found < 0 ? -1 : before - found - part.length();
  }

  /** The chars in reverse, surrogates too, so that indexes can be turned back. */
  static String reversed(String text) {
    char[] reversed = new char[text.length()];
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = text.charAt(reversed.length - 1 - i);
    }
    return new String(reversed);
  }

  /** The indexes of a part that do not overlap, at most {@code limit} of them unless negative. */
  static List<Integer> occurrences(String text, String part, long limit, Budget budget) {
    budget.search(text, part);
    List<Integer> occurrences = new ArrayList<>();
    int at = limit == 0 ? -1 : indexOf(text, part, 0);
    while (at >= 0) {
      budget.steps(2 + (part.length() > SHORT_PATTERN ? part.length() / 4 : 0));
      occurrences.add(at);
      at =
          occurrences.size() == limit || at + part.length() > text.length()
              ? -1
              : indexOf(text, part, at + part.length());
    }
    return occurrences;
  }

  /** Each word's first letter in upper case, the others in lower case. */
  static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      title.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = isCased(c);
    }
    return title.toString();
  }

  /** The first letter in upper case, the others in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    int letter = Character.toTitleCase(text.codePointAt(0));
    String begin =
        letter == text.codePointAt(0)
            ? upper(text.substring(0, first))
            : Character.toString(letter);
    if (begin.codePointCount(0, begin.length()) > 1) {
      begin = begin.substring(0, 1) + lower(begin.substring(1)); // such as the German sharp s
    }
    return begin + lower(text.substring(first));
  }

  /** The lines of a text, at all the characters that Python takes for the end of one. */
  static List<Object> lines(String text, boolean keepEnds, Budget budget) {
    budget.text(text.length());
    List<Object> lines = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < text.length(); i++) {
      if (isLineEnd(text.charAt(i))) {
        budget.steps(4);
        int end = i;
        if (text.startsWith("\r\n", i)) {
          i++;
        }
        lines.add(text.substring(begin, keepEnds ? i + 1 : end));
        begin = i + 1;
      }
    }
    if (begin < text.length()) {
      lines.add(text.substring(begin));
    }
    return lines;
  }

  private static boolean isLineEnd(char c) {
    return (c >= '\n' && c <= '\r')
        || (c >= 0x1C && c <= 0x1E)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  /** Texts joined into one. */
  static String join(String separator, List<Object> elements, Budget budget) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < elements.size(); i++) {
      String piece = Values.text(elements.get(i), budget);
      budget.text((long) piece.length() + separator.length());
      joined.append(i == 0 ? "" : separator).append(piece);
    }
    return joined.toString();
  }

  /** A text filled up on both sides to a width in characters. */
  static String pad(String text, long width, int fill, int left, int right, Budget budget) {
    budget.scan(text.length());
    if (width <= length(text)) {
      return text;
    }
    long missing = Math.min(1L << 40, width) - length(text); // a width beyond every budget
    budget.text(2 * missing + text.length());
    // Of an odd number, the middle takes one more on the left if the width is odd, too.
    long before = left == right ? missing / 2 + (missing & width & 1) : left * missing;
    String character = Character.toString(fill);
    return character.repeat((int) before) + text + character.repeat((int) (missing - before));
  }
}
