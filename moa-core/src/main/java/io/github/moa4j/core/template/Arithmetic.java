package io.github.moa4j.core.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The operators on numbers, texts, lists and tuples; numbers divide and round as Python's. */
final class Arithmetic {

  private Arithmetic() {}

  static Object apply(String operator, Object left, Object right, Budget budget) {
    budget.step();
    Object a = Numbers.of(left);
    Object b = Numbers.of(right);
    if (a instanceof Number x && b instanceof Number y) {
      return Numbers.isWhole(x) && Numbers.isWhole(y)
          ? whole(operator, x, y, budget)
          : real(operator, Numbers.real(x), Numbers.real(y));
    }
    if (operator.equals("%") && left instanceof String format) {
      return PercentFormat.format(format, right, budget);
    }
    if (operator.equals("+") && left instanceof String x && right instanceof String y) {
      budget.text((long) x.length() + y.length());
      return x.concat(y);
    }
    if (operator.equals("+")
        && isSequence(left)
        && isSequence(right)
        && (left instanceof Tuple) == (right instanceof Tuple)) {
      return joined((List<?>) left, (List<?>) right, budget);
    }
    if (operator.equals("*")
        && Numbers.isWhole(b)
        && (left instanceof String || isSequence(left))) {
      return repeated(left, b, budget);
    }
    if (operator.equals("*")
        && Numbers.isWhole(a)
        && (right instanceof String || isSequence(right))) {
      return repeated(right, a, budget);
    }
    throw Values.mismatch("apply '" + operator + "' to", left, right);
  }

  private static boolean isSequence(Object value) {
    return value instanceof Tuple || Values.isList(value);
  }

  private static Object joined(List<?> left, List<?> right, Budget budget) {
    budget.elements((long) left.size() + right.size());
    List<Object> joined = new ArrayList<>(left.size() + right.size());
    joined.addAll(left);
    joined.addAll(right);
    return left instanceof Tuple ? new Tuple(joined) : joined;
  }

  private static Object repeated(Object value, Object times, Budget budget) {
    int most = 1 << 30; // beyond every budget, and a product of two of them is a long
    long count =
        times instanceof Long number
            ? Math.max(0, Math.min(number, most))
            : ((BigInteger) times).signum() > 0 ? most : 0;
    if (value instanceof String text) {
      budget.text(text.length() * count);
      return text.isEmpty() ? "" : text.repeat((int) count);
    }
    List<?> list = (List<?>) value;
    budget.elements(list.size() * count);
    List<Object> repeated = new ArrayList<>();
    for (long i = 0; !list.isEmpty() && i < count; i++) {
      repeated.addAll(list);
    }
    return value instanceof Tuple ? new Tuple(repeated) : repeated;
  }

  private static Object whole(String operator, Number left, Number right, Budget budget) {
    if (operator.equals("/")) {
      budget.digits(Numbers.big(left).bitLength() + Numbers.big(right).bitLength());
      return quotient(left, right);
    }
    if (left instanceof Long x && right instanceof Long y) {
      try {
        if (operator.equals("+")) {
          return Math.addExact(x, y);
        }
        if (operator.equals("-")) {
          return Math.subtractExact(x, y);
        }
        if (operator.equals("*")) {
          return Math.multiplyExact(x, y);
        }
      } catch (ArithmeticException e) {
        // no long holds the result: below, big numbers do
      }
    }
    return big(operator, Numbers.big(left), Numbers.big(right), budget);
  }

  private static Object big(String operator, BigInteger x, BigInteger y, Budget budget) {
    budget.steps((x.bitLength() / 64L + 1) * (y.bitLength() / 64L + 1) / 16);
    return switch (operator) {
      case "+" -> Numbers.whole(x.add(y));
      case "-" -> Numbers.whole(x.subtract(y));
      case "*" -> Numbers.whole(x.multiply(y));
      case "//" -> {
        BigInteger[] parts = x.divideAndRemainder(nonZero(y));
        boolean below = parts[1].signum() != 0 && parts[1].signum() != y.signum();
        yield Numbers.whole(below ? parts[0].subtract(BigInteger.ONE) : parts[0]);
      }
      case "%" -> {
        BigInteger rest = x.remainder(nonZero(y));
        yield Numbers.whole(rest.signum() != 0 && rest.signum() != y.signum() ? rest.add(y) : rest);
      }
      default -> power(x, y, budget);
    };
  }

  private static Object power(BigInteger x, BigInteger y, Budget budget) {
    if (y.signum() < 0) {
      return real("**", Numbers.real(x), Numbers.real(y));
    }
    if (y.signum() == 0 || x.abs().bitLength() <= 1) { // 0, 1 or -1 to whatever power
      return Numbers.whole(y.signum() == 0 ? BigInteger.ONE : y.testBit(0) ? x : x.abs());
    }
    long bits = y.bitLength() > 31 ? Long.MAX_VALUE : (x.bitLength() - 1L) * y.longValue();
    if (bits > 1 << 15) {
      throw Numbers.tooLarge();
    }
    budget.steps(1 + bits / 8);
    return Numbers.whole(x.pow(y.intValueExact()));
  }

  private static double quotient(Number x, Number y) {
    nonZero(y.doubleValue());
    boolean exact = x instanceof Long a && y instanceof Long b && isExact(a) && isExact(b);
    double quotient =
        exact
            ? x.doubleValue() / y.doubleValue()
            : new BigDecimal(Numbers.big(x))
                .divide(new BigDecimal(Numbers.big(y)), new MathContext(40))
                .doubleValue();
    if (Double.isInfinite(quotient)) {
      throw new TemplateException("the result of a division is too large for a real number");
    }
    return quotient;
  }

  private static boolean isExact(long number) {
    return Math.abs(number) <= 1L << 53;
  }

  private static double real(String operator, double x, double y) {
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "/" -> x / nonZero(y);
      case "//" -> floorQuotient(x, nonZero(y));
      case "%" -> remainder(x, nonZero(y));
      default -> power(x, y);
    };
  }

  private static double power(double x, double y) {
    if (x == 0 && y < 0) {
      throw new TemplateException("zero to a negative power is a division by zero");
    }
    double power = x == 1 ? 1 : Math.pow(x, y);
    boolean finite = !Double.isInfinite(x) && !Double.isInfinite(y);
    if (finite && (Double.isInfinite(power) || Double.isNaN(power)) && !Double.isNaN(x + y)) {
      throw new TemplateException(
          Double.isNaN(power)
              ? "a negative number to a power that is not whole is no real number"
              : "the result of '**' is too large for a real number");
    }
    return power;
  }

  /** The remainder with the divisor's sign. */
  private static double remainder(double x, double y) {
    double rest = x % y;
    if (rest == 0) {
      return Math.copySign(0.0, y);
    }
    return (rest < 0) == (y < 0) ? rest : rest + y;
  }

  /** {@code (x - remainder) / y}, rounded to the whole number it is but for rounding. */
  private static double floorQuotient(double x, double y) {
    double quotient = (x - x % y) / y;
    if (x % y != 0 && (x % y < 0) != (y < 0)) {
      quotient -= 1;
    }
    if (quotient == 0) {
      return Math.copySign(0.0, x / y);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  private static BigInteger nonZero(BigInteger divisor) {
    nonZero((double) divisor.signum());
    return divisor;
  }

  private static double nonZero(double divisor) {
    if (divisor == 0) {
      throw new TemplateException("division by zero");
    }
    return divisor;
  }

  static Object negate(Object value, Budget budget) {
    Object number = positive(value);
    return number instanceof Double real ? (Object) (-real) : apply("-", 0L, number, budget);
  }

  /** The number a sign is written before. */
  static Object positive(Object value) {
    if (Numbers.of(value) instanceof Number number) {
      return number;
    }
    throw Values.mismatch("put a sign before", value, value);
  }

  /** The elements from the last to the first. */
  static List<Object> reversed(List<Object> elements, Budget budget) {
    budget.elements(elements.size());
    List<Object> reversed = new ArrayList<>(elements);
    Collections.reverse(reversed);
    return reversed;
  }
}
