package io.github.moa4j.core.template;

/** The escapes within a text literal: Python's; unknown ones stay as they are. */
final class Escapes {

  private final String literal;
  private final int line;
  private final StringBuilder value;
  private int position;

  private Escapes(String literal, int line) {
    this.literal = literal;
    this.line = line;
    this.value = new StringBuilder(literal.length());
  }

  /** The value of a literal from what stands between its quotes. */
  static String value(String literal, int line) {
    return literal.indexOf('\\') < 0 ? literal : new Escapes(literal, line).run();
  }

  private String run() {
    while (position < literal.length()) {
      char c = literal.charAt(position++);
      if (c != '\\' || position == literal.length()) {
        value.append(c);
      } else {
        escape(literal.charAt(position));
      }
    }
    return value.toString();
  }

  private void escape(char letter) {
    position++;
    switch (letter) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'f' -> value.append('\f');
      case 'b' -> value.append('\b');
      case 'a' -> value.append('\u0007');
      case 'v' -> value.append('\u000B');
      case '\n' -> {}
      case '\\', '\'', '"' -> value.append(letter);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
      case 'x' -> hexadecimal(2);
      case 'u' -> hexadecimal(4);
      case 'U' -> hexadecimal(8);
      case 'N' -> named();
      default -> unknown();
    }
  }

  private void octal() {
    int code = 0;
    int begin = --position;
    while (position < Math.min(begin + 3, literal.length())
        && Character.digit(literal.charAt(position), 8) >= 0) {
      code = 8 * code + Character.digit(literal.charAt(position++), 8);
    }
    value.appendCodePoint(code);
  }

  private void hexadecimal(int digits) {
    long code = 0;
    for (int i = 0; i < digits; i++) {
      int digit =
          position < literal.length() && literal.charAt(position) < 0x80
              ? Character.digit(literal.charAt(position), 16)
              : -1;
      if (digit < 0) {
        throw TemplateException.syntax(line, "an escape needs " + digits + " hexadecimal digits");
      }
      code = 16 * code + digit;
      position++;
    }
    if (code > Character.MAX_CODE_POINT) {
      throw TemplateException.syntax(line, "an escape names no character: " + code);
    }
    value.appendCodePoint((int) code);
  }

  private void named() {
    int end = literal.indexOf('}', position);
    if (end < 0 || literal.charAt(position) != '{') {
      throw TemplateException.syntax(line, "the escape '\\N' needs a name in braces");
    }
    String name = literal.substring(position + 1, end);
    try {
      value.appendCodePoint(Character.codePointOf(name));
    } catch (IllegalArgumentException e) {
      throw TemplateException.syntax(
          line, "there is no character named '" + TemplateException.quote(name) + "'");
    }
    position = end + 1;
  }

  /** Python's library writes characters beyond ASCII as escapes before it reads the literal. */
  private void unknown() {
    int c = literal.codePointAt(position - 1);
    if (c < 0x80) {
      value.append('\\').appendCodePoint(c);
    } else {
      value.append(Text.escaped(c));
      position += Character.charCount(c) - 1;
    }
  }
}
