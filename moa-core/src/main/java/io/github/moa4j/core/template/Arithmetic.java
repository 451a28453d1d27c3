package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;

/** The operators on numbers, texts and lists; whole numbers divide and round as Python's. */
final class Arithmetic {

  private static final int LONGEST_TEXT = 1 << 24;

  private Arithmetic() {}

  static Object apply(String operator, Object left, Object right) {
    Object a = Values.number(left);
    Object b = Values.number(right);
    if (a instanceof Long x && b instanceof Long y) {
      return whole(operator, x, y);
    }
    if (a instanceof Number x && b instanceof Number y) {
      return real(operator, x.doubleValue(), y.doubleValue());
    }
    if (operator.equals("+") && left instanceof String x && right instanceof String y) {
      return x + y;
    }
    if (operator.equals("+") && left instanceof List<?> x && right instanceof List<?> y) {
      List<Object> joined = new ArrayList<>(x);
      joined.addAll(y);
      return joined;
    }
    if (operator.equals("*") && a instanceof String x && b instanceof Long y) {
      return repeat(x, y);
    }
    if (operator.equals("*") && a instanceof Long x && b instanceof String y) {
      return repeat(y, x);
    }
    throw Values.mismatch("apply '" + operator + "' to", left, right);
  }

  private static Object whole(String operator, long x, long y) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(x, y);
        case "-" -> Math.subtractExact(x, y);
        case "*" -> Math.multiplyExact(x, y);
        case "//" -> Math.floorDiv(x, nonZero(y));
        case "%" -> Math.floorMod(x, nonZero(y));
        case "/" -> (double) x / nonZero(y);
        default -> power(x, y);
      };
    } catch (ArithmeticException e) {
      throw new TemplateException(
          "the result of " + x + " " + operator + " " + y + " is too large");
    }
  }

  private static Object power(long x, long y) {
    double result = Math.pow((double) x, (double) y);
    if (y < 0) {
      return result;
    }
    if (Math.abs(result) > 1L << 53) {
      throw new ArithmeticException();
    }
    return (long) result;
  }

  private static double real(String operator, double x, double y) {
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "//" -> Math.floor(x / nonZero(y));
      case "%" -> x - Math.floor(x / nonZero(y)) * y;
      case "/" -> x / nonZero(y);
      default -> Math.pow(x, y);
    };
  }

  private static long nonZero(long divisor) {
    if (divisor == 0) {
      throw new TemplateException("division by zero");
    }
    return divisor;
  }

  private static double nonZero(double divisor) {
    if (divisor == 0) {
      throw new TemplateException("division by zero");
    }
    return divisor;
  }

  private static String repeat(String text, long times) {
    if (times > 0 && text.length() * Math.min(times, LONGEST_TEXT) > LONGEST_TEXT) {
      throw new TemplateException("a text repeated " + times + " times is too long");
    }
    return text.repeat((int) Math.max(0, times));
  }

  static Object negate(Object value) {
    Object number = positive(value);
    return number instanceof Double real ? (Object) (-real) : apply("-", 0L, number);
  }

  /** The number a sign is written before. */
  static Object positive(Object value) {
    if (Values.number(value) instanceof Number number) {
      return number;
    }
    throw Values.mismatch("put a sign before", value, value);
  }
}
