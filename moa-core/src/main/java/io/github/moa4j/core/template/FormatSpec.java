package io.github.moa4j.core.template;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How one field of a format is written: alignment, sign, width, precision, type. */
final class FormatSpec {

  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?"
              + "(?<width>\\d*)(?<group>[,_])?(?:\\.(?<precision>\\d+))?(?<type>[a-zA-Z%])?",
          Pattern.DOTALL);

  private final Matcher spec;
  private final Budget budget;

  private FormatSpec(Matcher spec, Budget budget) {
    this.spec = spec;
    this.budget = budget;
  }

  static String format(Object value, String spec, Budget budget) {
    if (spec.isEmpty()) {
      return Values.text(value, budget);
    }
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw new TemplateException(
          "format(): '" + TemplateException.quote(spec) + "' is no way to write a value");
    }
    return new FormatSpec(matcher, budget).of(value);
  }

  private String of(Object value) {
    String type = spec.group("type") == null ? "" : spec.group("type");
    if (value instanceof String text && (type.isEmpty() || type.equals("s"))) {
      return text(text);
    }
    if (!(Numbers.of(value) instanceof Number number)
        || (!type.isEmpty() && "bcdoxXneEfFgG%".indexOf(type) < 0)) {
      throw new TemplateException(
          "format(): a " + Values.type(value) + " cannot be written with '" + spec.group() + "'");
    }
    if (type.equals("c")) {
      return text(PercentFormat.character(number));
    }
    boolean whole = Numbers.isWhole(number) && (type.isEmpty() || "bdoxXn".contains(type));
    return whole ? whole(Numbers.big(number), type) : real(Numbers.real(number), type);
  }

  private String text(String text) {
    String precision = spec.group("precision");
    long length = precision == null ? Long.MAX_VALUE : NumberFormat.length(precision);
    String cut =
        length >= Text.length(text)
            ? text
            : text.substring(0, text.offsetByCodePoints(0, (int) length));
    return padded("", cut, "<");
  }

  private String whole(BigInteger number, String type) {
    if (spec.group("precision") != null) {
      throw new TemplateException("format(): a whole number has no precision");
    }
    char way = type.isEmpty() || type.equals("n") ? 'd' : type.charAt(0);
    boolean prefixed = spec.group("alternate") != null;
    String digits = NumberFormat.whole(number, way, prefixed, budget);
    int prefix = prefixed && way != 'd' ? 2 : 0;
    return padded(
        sign(number.signum() < 0) + digits.substring(0, prefix),
        grouped(digits.substring(prefix), way == 'd' ? 3 : 4, prefix + signs(number.signum() < 0)),
        ">");
  }

  private String real(double number, String type) {
    if (!type.isEmpty() && "bdoxXc".contains(type)) {
      throw new TemplateException("format(): '" + type + "' needs a whole number");
    }
    String precision = spec.group("precision");
    boolean percent = type.equals("%");
    String digits;
    if (type.isEmpty() && precision == null) {
      digits = Numbers.repr(Math.abs(number));
    } else {
      int digitCount = NumberFormat.precision(precision, 6, budget);
      char way = percent ? 'f' : type.isEmpty() || type.equals("n") ? 'g' : type.charAt(0);
      boolean alternate = spec.group("alternate") != null;
      digits = NumberFormat.real(percent ? number * 100 : number, way, digitCount, alternate);
      if (type.isEmpty()) {
        digits = general(number, digits, digitCount);
      }
    }
    int point = digits.indexOf('.');
    int exponent = digits.indexOf('e');
    int wholeEnd = point >= 0 ? point : exponent >= 0 ? exponent : digits.length();
    String rest = digits.substring(wholeEnd) + (percent ? "%" : "");
    boolean negative = NumberFormat.isNegative(number);
    String whole = grouped(digits.substring(0, wholeEnd), 3, rest.length() + signs(negative));
    return padded(sign(negative), whole + rest, ">");
  }

  /**
   * Without a type, a real number shows that it is one; its largest plain form has one digit less.
   */
  private static String general(double number, String digits, int precision) {
    if (Double.isNaN(number) || Double.isInfinite(number) || digits.indexOf('e') >= 0) {
      return digits;
    }
    boolean whole = digits.indexOf('.') < 0;
    return whole && digits.length() >= Math.max(1, precision) && !digits.equals("0")
        ? NumberFormat.real(number, 'e', Math.max(1, precision) - 1, false)
            .replaceFirst("\\.?0*e", "e")
        : whole ? digits + ".0" : digits;
  }

  private String sign(boolean negative) {
    String sign = spec.group("sign");
    return negative ? "-" : sign == null || sign.equals("-") ? "" : sign;
  }

  private int signs(boolean negative) {
    return sign(negative).length();
  }

  /** Digits with separators; zeros that fill a field, beside so many others, are digits, too. */
  private String grouped(String digits, int size, int others) {
    String separator = spec.group("group");
    if (separator == null || digits.isEmpty() || !Character.isLetterOrDigit(digits.charAt(0))) {
      return digits;
    }
    long count = digits.length();
    if (fillsWithZeros()) {
      long width = NumberFormat.length(spec.group("width")) - others;
      budget.text(Math.max(0, width));
      while (count + (count - 1) / size < width) {
        count++;
      }
    }
    budget.text(3 * count);
    String filled = "0".repeat((int) count - digits.length()) + digits;
    StringBuilder grouped = new StringBuilder();
    for (int i = 0; i < filled.length(); i++) {
      boolean begins = i > 0 && (filled.length() - i) % size == 0;
      grouped.append(begins ? separator : "").append(filled.charAt(i));
    }
    return grouped.toString();
  }

  private boolean fillsWithZeros() {
    return spec.group("zero") != null && spec.group("align") == null;
  }

  private String padded(String sign, String body, String usual) {
    boolean number = usual.equals(">");
    String align =
        fillsWithZeros() && number
            ? "="
            : spec.group("align") == null ? usual : spec.group("align");
    if (align.equals("=") && !number) {
      throw new TemplateException("format(): '=' needs a number");
    }
    String fill =
        spec.group("fill") != null ? spec.group("fill") : spec.group("zero") != null ? "0" : " ";
    int filling = fill.codePointAt(0);
    long width = NumberFormat.length(spec.group("width"));
    return switch (align) {
      case "=" -> sign + Text.pad(body, width - sign.length(), filling, 1, 0, budget);
      case ">" -> Text.pad(sign + body, width, filling, 1, 0, budget);
      case "^" -> middle(sign + body, width, filling);
      default -> Text.pad(sign + body, width, filling, 0, 1, budget);
    };
  }

  private String middle(String text, long width, int fill) {
    long before = Math.max(0, width - Text.length(text)) / 2;
    String left = Text.pad(text, Text.length(text) + before, fill, 1, 0, budget);
    return Text.pad(left, width, fill, 0, 1, budget);
  }
}
