package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;

/** Strings as Python sees them: white space of Unicode, escapes, positions in code points. */
final class Text {

  private Text() {}

  static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }

  static boolean isBlank(String text) {
    return text.codePoints().allMatch(Text::isSpace);
  }

  static String strip(String text, String characters) {
    return stripLeading(stripTrailing(text, characters), characters);
  }

  static String stripTrailing(String text) {
    return stripTrailing(text, null);
  }

  /** Removes these characters, or white space if null, from the end. */
  static String stripTrailing(String text, String characters) {
    int end = text.length();
    while (end > 0 && isIn(text.codePointBefore(end), characters)) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(0, end);
  }

  /** Removes these characters, or white space if null, from the begin. */
  static String stripLeading(String text, String characters) {
    int begin = 0;
    while (begin < text.length() && isIn(text.codePointAt(begin), characters)) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    return text.substring(begin);
  }

  private static boolean isIn(int c, String characters) {
    return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
  }

  /** The characters of a text, each as a text. */
  static List<Object> characters(String text) {
    List<Object> characters = new ArrayList<>();
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  static long length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Splits at white space, or at a separator; at most {@code limit} times unless negative. */
  static List<Object> split(String text, String separator, long limit) {
    List<Object> parts = new ArrayList<>();
    if (separator == null) {
      splitAtSpace(text, limit, parts);
      return parts;
    }
    int from = 0;
    int at = text.indexOf(separator);
    while (at >= 0 && (limit < 0 || parts.size() < limit)) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
      at = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static void splitAtSpace(String text, long limit, List<Object> parts) {
    String rest = stripLeading(text, null);
    while (!rest.isEmpty()) {
      if (limit >= 0 && parts.size() >= limit) {
        parts.add(rest);
        return;
      }
      int end = 0;
      while (end < rest.length() && !isSpace(rest.codePointAt(end))) {
        end += Character.charCount(rest.codePointAt(end));
      }
      parts.add(rest.substring(0, end));
      rest = stripLeading(rest.substring(end), null);
    }
  }

  /** Splits from the end. */
  static List<Object> splitFromEnd(String text, String separator, long limit) {
    List<Object> parts = new ArrayList<>();
    String rest = text;
    int at = rest.lastIndexOf(separator);
    while (at >= 0 && (limit < 0 || parts.size() < limit)) {
      parts.add(0, rest.substring(at + separator.length()));
      rest = rest.substring(0, at);
      at = rest.lastIndexOf(separator);
    }
    parts.add(0, rest);
    return parts;
  }

  /** Each word's first letter in upper case, the others in lower case. */
  static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      title.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return title.toString();
  }

  /** The first letter in upper case, the others in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return title(text.substring(0, first))
        + text.substring(first).toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * The value of a string literal's inner text: Python's escapes, unknown ones stay as they are.
   */
  static String unescape(String literal) {
    StringBuilder value = new StringBuilder(literal.length());
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c != '\\' || i + 1 == literal.length()) {
        value.append(c);
        continue;
      }
      char escape = literal.charAt(++i);
      int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
      if (digits > 0 && isHex(literal, i + 1, digits)) {
        value.appendCodePoint(Integer.parseInt(literal.substring(i + 1, i + 1 + digits), 16));
        i += digits;
      } else {
        value.append(simpleEscape(escape));
      }
    }
    return value.toString();
  }

  private static boolean isHex(String text, int from, int digits) {
    return from + digits <= text.length()
        && text.substring(from, from + digits).matches("[0-9a-fA-F]+")
        && Integer.parseUnsignedInt(text, from, from + digits, 16) >>> 16 <= 0x10;
  }

  private static String simpleEscape(char escape) {
    return switch (escape) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      case 'f' -> "\f";
      case 'b' -> "\b";
      case 'a' -> "\u0007";
      case 'v' -> "\u000B";
      case '0' -> "\0";
      case '\n' -> "";
      case '\\', '\'', '"' -> String.valueOf(escape);
      default -> "\\" + escape;
    };
  }
}
