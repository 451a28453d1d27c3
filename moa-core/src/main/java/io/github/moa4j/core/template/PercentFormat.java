package io.github.moa4j.core.template;

import java.util.Map;

/** {@code format % values}: Python's older way to put values into a text. */
final class PercentFormat {

  private final String format;
  private final Object values;
  private final Budget budget;
  private final StringBuilder text = new StringBuilder();
  private int position;
  private int used;

  private PercentFormat(String format, Object values, Budget budget) {
    this.format = format;
    this.values = values;
    this.budget = budget;
  }

  static String format(String format, Object values, Budget budget) {
    return new PercentFormat(format, values, budget).run();
  }

  private String run() {
    budget.text(format.length());
    while (position < format.length()) {
      char c = format.charAt(position++);
      if (c == '%') {
        budget.step();
        conversion();
      } else {
        text.append(c);
      }
    }
    boolean left = values instanceof Tuple tuple ? used < tuple.size() : used == 0;
    boolean hasKeys = values instanceof Map || values instanceof Undefined || Values.isList(values);
    if (left && !hasKeys) {
      throw new TemplateException("'%': not all values are used by the format");
    }
    return text.toString();
  }

  private void conversion() {
    Object value = null;
    boolean named = peek() == '(';
    if (named) {
      value = named();
    }
    int begin = position;
    while ("#0- +".indexOf(peek()) >= 0) {
      position++;
    }
    String flags = format.substring(begin, position);
    String width = digits();
    if (width.startsWith("-")) {
      flags += "-";
      width = width.substring(1);
    }
    String precision = null;
    if (peek() == '.') {
      position++;
      precision = digits();
      precision = precision.startsWith("-") ? "0" : precision;
    }
    while ("hlL".indexOf(peek()) >= 0) {
      position++;
    }
    if (position == format.length()) {
      throw new TemplateException("'%': the format is incomplete");
    }
    char type = format.charAt(position++);
    if (type == '%') {
      text.append('%');
      return;
    }
    append(type, named ? value : next(), flags, NumberFormat.length(width), precision);
  }

  /** The next character; a tab, which means nothing in a format, at its end. */
  private char peek() {
    return position < format.length() ? format.charAt(position) : '\t';
  }

  private Object named() {
    if (!(values instanceof Map<?, ?> map)) {
      throw new TemplateException("'%': a format with names needs a map");
    }
    int begin = ++position;
    for (int open = 1; open > 0; position++) {
      if (position == format.length()) {
        throw new TemplateException("'%': the format is incomplete");
      }
      open += format.charAt(position) == '(' ? 1 : format.charAt(position) == ')' ? -1 : 0;
    }
    String name = format.substring(begin, position - 1);
    if (!map.containsKey(name)) {
      throw new TemplateException("'%': the map has no '" + TemplateException.quote(name) + "'");
    }
    used++;
    return map.get(name);
  }

  /** Digits, or those of a value for a star. */
  private String digits() {
    if (peek() == '*') {
      position++;
      if (Numbers.of(next()) instanceof Long number) {
        return number.toString();
      }
      throw new TemplateException("'%': '*' needs a whole number");
    }
    int begin = position;
    while (peek() >= '0' && peek() <= '9') {
      position++;
    }
    return format.substring(begin, position);
  }

  private Object next() {
    if (values instanceof Tuple tuple) {
      if (used == tuple.size()) {
        throw new TemplateException("'%': not enough values for the format");
      }
      return tuple.get(used++);
    }
    if (used++ > 0) {
      throw new TemplateException("'%': not enough values for the format");
    }
    return values;
  }

  private void append(char type, Object value, String flags, long width, String precision) {
    String sign = "";
    String body;
    boolean number = true;
    switch (type) {
      case 's', 'r', 'a' -> {
        String whole = type == 's' ? Values.text(value, budget) : Literal.of(value, budget);
        body = cut(type == 'a' ? ascii(whole) : whole, precision);
        number = false;
      }
      case 'c' -> {
        body = character(value);
        number = false;
      }
      case 'd', 'i', 'u', 'x', 'X', 'o' -> {
        Object whole = whole(value, "xXo".indexOf(type) >= 0);
        sign = sign(Numbers.big(whole).signum() < 0, flags);
        body = NumberFormat.whole(Numbers.big(whole), type, flags.contains("#"), budget);
        int digits = NumberFormat.precision(precision, 0, budget);
        body = "0".repeat(Math.max(0, digits - body.length())) + body;
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        double real = Numbers.real(number(value));
        sign = sign(NumberFormat.isNegative(real), flags);
        int digits = NumberFormat.precision(precision, 6, budget);
        body = NumberFormat.real(real, type, digits, flags.contains("#"));
      }
      default -> throw new TemplateException("'%': the format has no conversion '" + type + "'");
    }
    pad(sign, body, flags, width, number);
  }

  private void pad(String sign, String body, String flags, long width, boolean number) {
    long missing = Math.max(0, width - Text.length(body) - sign.length());
    budget.text(missing + body.length());
    if (flags.contains("-")) {
      text.append(sign).append(body).append(" ".repeat((int) missing));
    } else if (flags.contains("0") && number) {
      int prefix = body.startsWith("0x") || body.startsWith("0X") || body.startsWith("0o") ? 2 : 0;
      text.append(sign).append(body, 0, prefix);
      text.append("0".repeat((int) missing)).append(body, prefix, body.length());
    } else {
      text.append(" ".repeat((int) missing)).append(sign).append(body);
    }
  }

  private static String sign(boolean negative, String flags) {
    return negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
  }

  private String cut(String whole, String precision) {
    long length = precision == null ? Long.MAX_VALUE : NumberFormat.length(precision);
    return length >= Text.length(whole)
        ? whole
        : whole.substring(0, whole.offsetByCodePoints(0, (int) length));
  }

  private String ascii(String whole) {
    budget.text(10L * whole.length());
    StringBuilder ascii = new StringBuilder();
    whole
        .codePoints()
        .forEach(c -> ascii.append(c < 0x80 ? Character.toString(c) : Text.escaped(c)));
    return ascii.toString();
  }

  /** The character that a value is or whose number it is. */
  static String character(Object value) {
    if (value instanceof String text && Text.length(text) == 1) {
      return text;
    }
    if (Numbers.of(value) instanceof Long code && code >= 0 && code <= Character.MAX_CODE_POINT) {
      return Character.toString(code.intValue());
    }
    throw new TemplateException("'c' needs one character, found a " + Values.type(value));
  }

  private static Object whole(Object value, boolean exactly) {
    Object number = number(value);
    if (number instanceof Double real && !exactly) {
      return Numbers.truncated(real);
    }
    if (Numbers.isWhole(number)) {
      return number;
    }
    throw new TemplateException("'%': a whole number is needed, found a real one");
  }

  private static Number number(Object value) {
    if (Numbers.of(value) instanceof Number number) {
      return number;
    }
    throw value instanceof Undefined undefined
        ? undefined.error()
        : new TemplateException("'%': a number is needed, found a " + Values.type(value));
  }
}
