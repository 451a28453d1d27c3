package io.github.moa4j.core.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * Numbers: a whole one is a {@link Long}, or a {@link BigInteger} if no long holds it; a real one
 * is a {@link Double}.
 */
final class Numbers {

  /** The largest whole numbers have some 4,300 digits, as many as Python prints. */
  private static final int MOST_BITS = 14_284;

  private static final List<RoundingMode> NEAREST = List.of(RoundingMode.HALF_EVEN);
  private static final List<RoundingMode> ALL_WAYS =
      List.of(RoundingMode.HALF_EVEN, RoundingMode.DOWN, RoundingMode.UP);
  private static final BigInteger LEAST_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger LARGEST_LONG = BigInteger.valueOf(Long.MAX_VALUE);

  private Numbers() {}

  /** A boolean counts as 0 or 1, everything else is itself. */
  static Object of(Object value) {
    return value instanceof Boolean truth ? (Object) (truth ? 1L : 0L) : value;
  }

  static boolean isWhole(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  /** A whole number in its one form. */
  static Object whole(BigInteger number) {
    if (number.bitLength() > MOST_BITS) {
      throw tooLarge();
    }
    return number.compareTo(LEAST_LONG) >= 0 && number.compareTo(LARGEST_LONG) <= 0
        ? (Object) number.longValue()
        : number;
  }

  static TemplateException tooLarge() {
    return new TemplateException("a whole number is too large: it has more than 4,300 digits");
  }

  static BigInteger big(Object whole) {
    return whole instanceof BigInteger big ? big : BigInteger.valueOf((Long) whole);
  }

  static double real(Number number) {
    double real = number.doubleValue();
    if (Double.isInfinite(real) && number instanceof BigInteger) {
      throw new TemplateException("a whole number is too large for a real one");
    }
    return real;
  }

  /** The whole number that a real one stands for, rounded towards zero. */
  static Object truncated(double number) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw new TemplateException(repr(number) + " is no whole number");
    }
    return Math.abs(number) < 1L << 62
        ? (Object) (long) number
        : whole(new BigDecimal(number).toBigInteger());
  }

  /** The whole number equal to this one, or this one if there is none. */
  static Object wholeOrSame(Number number) {
    return number instanceof Double real && real == Math.rint(real) && !Double.isInfinite(real)
        ? truncated(real)
        : number;
  }

  /** The order; what is not a number (NaN) is neither before nor behind anything. */
  static int compare(Number left, Number right) {
    if (Double.isNaN(left.doubleValue()) || Double.isNaN(right.doubleValue())) {
      return 0;
    }
    if (left instanceof Long x && right instanceof Long y) {
      return x.compareTo(y);
    }
    if (left instanceof Double x && right instanceof Double y) {
      return x < y ? -1 : x > y ? 1 : 0;
    }
    if (left instanceof Double x && x.isInfinite()) {
      return x > 0 ? 1 : -1;
    }
    if (right instanceof Double y && y.isInfinite()) {
      return y > 0 ? -1 : 1;
    }
    return left instanceof Double x
        ? compareMixed(x, big(right))
        : right instanceof Double y ? -compareMixed(y, big(left)) : big(left).compareTo(big(right));
  }

  /** Exactly, as a real number may lie between whole ones that it cannot tell apart. */
  private static int compareMixed(double real, BigInteger whole) {
    double floor = Math.floor(real);
    BigInteger below =
        Math.abs(floor) < 1L << 62
            ? BigInteger.valueOf((long) floor)
            : new BigDecimal(floor).toBigInteger();
    int order = below.compareTo(whole);
    return order == 0 && real > floor ? 1 : order;
  }

  /** The shortest decimal digits that give this number, as Python prints them. */
  static String repr(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    if (number == 0) {
      return 1 / number > 0 ? "0.0" : "-0.0";
    }
    BigDecimal shortest = shortest(number);
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      return shortest.scale() <= 0
          ? shortest.setScale(0).toPlainString() + ".0"
          : shortest.toPlainString();
    }
    String digits = shortest.unscaledValue().abs().toString();
    return (number < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + exponent(exponent);
  }

  /** An exponent as it is printed: its sign and at least two digits. */
  static String exponent(int exponent) {
    int size = Math.abs(exponent);
    return (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
  }

  /**
   * {@link Double#toString} gives the number back, but before JDK 19 not always with the fewest
   * digits, nor with those nearest to it.
   */
  private static BigDecimal shortest(double number) {
    BigDecimal exact = new BigDecimal(number);
    BigDecimal shortest = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    for (int digits = shortest.precision(); digits > 0; digits--) {
      BigDecimal rounded = rounded(exact, digits, number);
      if (rounded == null) {
        break;
      }
      shortest = rounded;
    }
    return shortest.stripTrailingZeros();
  }

  /** So many digits that give the number, the nearest if they do, or null. */
  private static BigDecimal rounded(BigDecimal exact, int digits, double number) {
    // Beside a power of two, the numbers on one side are nearer than those on the other.
    boolean powerOfTwo = (Double.doubleToLongBits(number) & ((1L << 52) - 1)) == 0;
    for (RoundingMode mode : powerOfTwo ? ALL_WAYS : NEAREST) {
      BigDecimal rounded = exact.round(new MathContext(digits, mode));
      if (rounded.doubleValue() == number) {
        return rounded;
      }
    }
    return null;
  }

  /** The whole number a text spells, or null: digits with single underscores between them. */
  static Object parseWhole(String text, int base) {
    String digits = Text.strip(text, null);
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int radix = base;
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      int prefixed =
          switch (Character.toLowerCase(digits.charAt(1))) {
            case 'x' -> 16;
            case 'o' -> 8;
            case 'b' -> 2;
            default -> 0;
          };
      if (prefixed > 0 && (base == prefixed || base == 0)) {
        radix = prefixed;
        digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
      }
    }
    radix = radix == 0 ? 10 : radix;
    if (radix < 2 || radix > 36) {
      throw new TemplateException("the base of a whole number must be 0 or from 2 to 36");
    }
    if (!isSpelled(digits, radix)) {
      return null;
    }
    digits = digits.replace("_", "");
    if (digits.length() > MOST_BITS) {
      throw tooLarge();
    }
    BigInteger number = new BigInteger(digits, radix);
    return whole(negative ? number.negate() : number);
  }

  private static boolean isSpelled(String digits, int radix) {
    boolean digitBefore = false;
    for (int i = 0; i < digits.length(); i++) {
      boolean digit = Character.digit(digits.charAt(i), radix) >= 0;
      if (!digit && !(digitBefore && digits.charAt(i) == '_')) {
        return false;
      }
      digitBefore = digit;
    }
    return digitBefore;
  }

  /** The real number a text spells, or null. */
  static Double parseReal(String text) {
    String trimmed = Text.strip(text, null);
    String sign = trimmed.startsWith("-") ? "-" : "";
    String number =
        trimmed.startsWith("-") || trimmed.startsWith("+") ? trimmed.substring(1) : trimmed;
    return switch (Text.lower(number)) {
      case "inf", "infinity" ->
          sign.isEmpty() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
      case "nan" -> (Double) Double.NaN;
      default -> isReal(number) ? Double.valueOf(sign + number.replace("_", "")) : null;
    };
  }

  /** Digits with single underscores, a point among or around them, an exponent. */
  private static boolean isReal(String number) {
    int exponent = Math.max(number.indexOf('e'), number.indexOf('E'));
    String mantissa = exponent < 0 ? number : number.substring(0, exponent);
    int point = mantissa.indexOf('.');
    String whole = point < 0 ? mantissa : mantissa.substring(0, point);
    String fraction = point < 0 ? "" : mantissa.substring(point + 1);
    if ((whole.isEmpty() && fraction.isEmpty())
        || !(whole.isEmpty() || isAscii(whole))
        || !(fraction.isEmpty() || isAscii(fraction))) {
      return false;
    }
    if (exponent < 0) {
      return true;
    }
    String power = number.substring(exponent + 1);
    return isAscii(power.startsWith("-") || power.startsWith("+") ? power.substring(1) : power);
  }

  private static boolean isAscii(String digits) {
    return isSpelled(digits, 10) && digits.chars().allMatch(c -> c < 0x80);
  }
}
