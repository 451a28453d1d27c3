package io.github.moa4j.core.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** The digits of numbers in the ways that Python's two kinds of format know. */
final class NumberFormat {

  private static final int MOST_DIGITS = 5_000;

  private NumberFormat() {}

  /** A precision, or {@code missing}. */
  static int precision(String digits, int missing, Budget budget) {
    if (digits == null) {
      return missing;
    }
    long precision = length(digits);
    if (precision > MOST_DIGITS) {
      throw new TemplateException("a number is printed with at most " + MOST_DIGITS + " digits");
    }
    budget.steps(100 + 8 * precision);
    return (int) precision;
  }

  /** A width or precision from its digits, however many. */
  static long length(String digits) {
    return digits.isEmpty() ? 0 : digits.length() > 15 ? 1L << 40 : Long.parseLong(digits);
  }

  /** A real number without its sign in one of the ways e, f, g and their capitals. */
  static String real(double number, char type, int precision, boolean alternate) {
    char way = Character.toLowerCase(type);
    String text =
        Double.isNaN(number)
            ? "nan"
            : Double.isInfinite(number)
                ? "inf"
                : switch (way) {
                  case 'f' -> fixed(Math.abs(number), precision) + point(precision, alternate);
                  case 'e' -> scientific(Math.abs(number), precision, alternate);
                  default -> general(Math.abs(number), Math.max(1, precision), alternate);
                };
    return way == type ? text : Text.upper(text);
  }

  private static String point(int precision, boolean alternate) {
    return alternate && precision == 0 ? "." : "";
  }

  private static String fixed(double number, int precision) {
    return new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static String scientific(double number, int precision, boolean alternate) {
    BigDecimal rounded = round(number, precision + 1);
    StringBuilder digits = new StringBuilder(rounded.unscaledValue().toString());
    int exponent = number == 0 ? 0 : digits.length() - rounded.scale() - 1;
    while (digits.length() <= precision) {
      digits.append('0');
    }
    return digits.substring(0, 1)
        + (precision > 0 ? "." + digits.substring(1, precision + 1) : point(0, alternate))
        + Numbers.exponent(exponent);
  }

  private static BigDecimal round(double number, int digits) {
    return new BigDecimal(number).round(new MathContext(digits, RoundingMode.HALF_EVEN));
  }

  private static String general(double number, int precision, boolean alternate) {
    BigDecimal rounded = round(number, precision);
    int exponent = number == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String text =
        exponent < -4 || exponent >= precision
            ? scientific(number, precision - 1, alternate)
            : fixed(number, precision - 1 - exponent) + point(precision - 1 - exponent, alternate);
    return alternate ? text : withoutTrailingZeros(text);
  }

  private static String withoutTrailingZeros(String text) {
    int exponent = text.indexOf('e');
    String mantissa = exponent < 0 ? text : text.substring(0, exponent);
    if (mantissa.indexOf('.') >= 0) {
      mantissa = Text.stripTrailing(Text.stripTrailing(mantissa, "0"), ".");
    }
    return mantissa + (exponent < 0 ? "" : text.substring(exponent));
  }

  /** A whole number without its sign in one of the ways d, o, x, X and b. */
  static String whole(BigInteger number, char type, boolean prefixed, Budget budget) {
    budget.digits(number.bitLength());
    BigInteger size = number.abs();
    String text =
        switch (type) {
          case 'x' -> (prefixed ? "0x" : "") + size.toString(16);
          case 'X' -> (prefixed ? "0X" : "") + Text.upper(size.toString(16));
          case 'o' -> (prefixed ? "0o" : "") + size.toString(8);
          case 'b' -> (prefixed ? "0b" : "") + size.toString(2);
          default -> size.toString();
        };
    return budget.made(text);
  }

  static boolean isNegative(double number) {
    return number < 0 || (number == 0 && 1 / number < 0);
  }
}
