package io.github.moa4j.core.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** The filters that make or change numbers. */
final class NumberFilters {

  private NumberFilters() {}

  static Object abs(Object value, Budget budget) {
    Number number = require(value, "abs()");
    if (number instanceof Double real) {
      return Math.abs(real);
    }
    return Numbers.big(number).signum() < 0 ? Arithmetic.negate(number, budget) : number;
  }

  private static Number require(Object value, String callee) {
    if (Numbers.of(value) instanceof Number number) {
      return number;
    }
    throw value instanceof Undefined undefined
        ? undefined.error()
        : new TemplateException(callee + " needs a number, found a " + Values.type(value));
  }

  static Object whole(Object value, Arguments arguments) {
    Object missing = arguments.get(0, 0L);
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (Numbers.of(value) instanceof Number number) {
      return number instanceof Double real
          ? Double.isNaN(real) ? missing : Numbers.truncated(real)
          : number;
    }
    if (!(value instanceof String text)) {
      return missing;
    }
    arguments.budget().steps(text.length());
    arguments.budget().digits(Math.min(text.length(), 5_000) * 4L);
    int base = (int) Math.max(-1, Math.min(99, arguments.whole(1, 10)));
    Object spelled = Numbers.parseWhole(text, base);
    if (spelled != null) {
      return spelled;
    }
    Double real = Numbers.parseReal(text);
    return real == null || real.isNaN() || real.isInfinite() ? missing : Numbers.truncated(real);
  }

  static Object real(Object value, Arguments arguments) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (Numbers.of(value) instanceof Number number) {
      return Numbers.real(number);
    }
    if (value instanceof String text) {
      arguments.budget().steps(text.length());
      Double real = Numbers.parseReal(text);
      return real == null ? arguments.get(0, 0.0) : real;
    }
    return arguments.get(0, 0.0);
  }

  static Object round(Object value, Arguments arguments) {
    Number number = require(value, "round()");
    long precision = arguments.whole(0, 0);
    String method = arguments.text(1, "common");
    if (precision < -1000 || precision > 1000) {
      throw new TemplateException("round() needs a precision from -1000 to 1000");
    }
    arguments.budget().steps(500);
    return switch (method) {
      case "common" -> rounded(number, (int) precision);
      case "ceil", "floor" -> cut(number, precision, method.equals("ceil"), arguments.budget());
      default -> throw new TemplateException("round() knows common, ceil and floor only");
    };
  }

  private static Object rounded(Number number, int precision) {
    if (number instanceof Double real) {
      if (real.isNaN() || real.isInfinite() || real == 0) {
        return real;
      }
      BigDecimal exact = new BigDecimal(real);
      if (exact.scale() <= precision) {
        return real;
      }
      double rounded = exact.setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
      return rounded == 0 ? Math.copySign(0.0, real) : rounded;
    }
    BigInteger whole = Numbers.big(number);
    return precision >= 0
        ? number
        : Numbers.whole(
            new BigDecimal(whole).setScale(precision, RoundingMode.HALF_EVEN).toBigInteger());
  }

  private static Object cut(Number number, long precision, boolean up, Budget budget) {
    Object power = Arithmetic.apply("**", 10L, precision, budget);
    Object scaled = Arithmetic.apply("*", number, power, budget);
    Object cut =
        scaled instanceof Double real
            ? Numbers.truncated(up ? Math.ceil(real) : Math.floor(real))
            : scaled;
    return Arithmetic.apply("/", cut, power, budget);
  }

  static Object fileSize(Object value, Arguments arguments) {
    Object number = real(value, arguments.budget());
    double bytes = (Double) number;
    boolean binary = arguments.isTrue(0, false);
    double base = binary ? 1024 : 1000;
    if (bytes == 1) {
      return "1 Byte";
    }
    if (bytes < base) {
      return (long) bytes + " Bytes";
    }
    String prefixes = "kMGTPEZY";
    int power = 1;
    while (power < prefixes.length() && bytes >= Math.pow(base, power + 1)) {
      power++;
    }
    char prefix = prefixes.charAt(power - 1);
    return NumberFormat.real(bytes / Math.pow(base, power), 'f', 1, false)
        + " "
        + (binary ? Character.toUpperCase(prefix) + "iB" : prefix + "B");
  }

  private static Object real(Object value, Budget budget) {
    Object number = value instanceof String text ? Numbers.parseReal(text) : value;
    budget.step();
    return Numbers.real(require(number, "filesizeformat()"));
  }
}
