package io.github.moa4j.core.constraint.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The numbers that a schema allows, written without exponents and with at most 15 digits. */
final class Numbers {

  private static final int MOST_DIGITS = 15; // whole numbers that a double holds
  private static final int MOST_DECIMALS = 6;
  private static final int LARGEST_DIVISOR = 10_000;
  private static final BigInteger LARGEST =
      BigInteger.TEN.pow(MOST_DIGITS).subtract(BigInteger.ONE);

  private Numbers() {}

  static Language of(Map<String, Object> schema, boolean whole) {
    Optional<BigDecimal> low = bound(schema, "minimum", "exclusiveMinimum", true);
    Optional<BigDecimal> high = bound(schema, "maximum", "exclusiveMaximum", false);
    BigInteger least =
        low.map(value -> next(value, isOpen(schema, value, "exclusiveMinimum")))
            .orElse(LARGEST.negate());
    BigInteger most =
        high.map(value -> next(value.negate(), isOpen(schema, value, "exclusiveMaximum")).negate())
            .orElse(LARGEST);
    least = least.max(LARGEST.negate());
    most = most.min(LARGEST);
    Language integers = between(least, most);
    if (schema.containsKey("multipleOf")) {
      BigDecimal divisor = SchemaParts.number(schema, "multipleOf");
      if (divisor.signum() <= 0
          || divisor.stripTrailingZeros().scale() > 0
          || divisor.compareTo(BigDecimal.valueOf(LARGEST_DIVISOR)) > 0) {
        throw SchemaParts.refused(
            "multipleOf", "that is not a whole number up to " + LARGEST_DIVISOR);
      }
      return integers.and(multiples(divisor.intValueExact()));
    }
    if (whole) {
      return integers;
    }
    List<Language> all = new ArrayList<>();
    all.add(integers);
    Language fraction =
        Language.sequence(
            Language.text("."), Characters.DIGITS.language(false).repeated(1, MOST_DECIMALS));
    BigInteger one = BigInteger.ONE;
    BigInteger from = least.max(BigInteger.ZERO);
    all.add(Language.sequence(between(from, most.subtract(one)), fraction));
    BigInteger below = most.min(BigInteger.ZERO).negate();
    all.add(
        Language.sequence(
            Language.text("-"), between(below, least.negate().subtract(one)), fraction));
    if (least.compareTo(most) > 0) {
      all.add(narrow(low.orElseThrow(), high.orElseThrow()));
    }
    return Language.anyOf(all);
  }

  private static Optional<BigDecimal> bound(
      Map<String, Object> schema, String closed, String open, boolean lower) {
    Optional<BigDecimal> bound = Optional.empty();
    for (String keyword : List.of(closed, open)) {
      if (schema.containsKey(keyword)) {
        BigDecimal value = SchemaParts.number(schema, keyword);
        bound =
            Optional.of(
                bound.isEmpty() ? value : lower ? bound.get().max(value) : bound.get().min(value));
      }
    }
    return bound;
  }

  private static boolean isOpen(Map<String, Object> schema, BigDecimal value, String keyword) {
    return schema.containsKey(keyword) && SchemaParts.number(schema, keyword).compareTo(value) == 0;
  }

  /** The least whole number from a bound on. */
  private static BigInteger next(BigDecimal bound, boolean open) {
    BigDecimal limited =
        bound
            .max(new BigDecimal(LARGEST).negate())
            .min(new BigDecimal(LARGEST).add(BigDecimal.ONE));
    BigInteger whole = limited.setScale(0, RoundingMode.CEILING).toBigInteger();
    return open && limited.compareTo(new BigDecimal(whole)) == 0
        ? whole.add(BigInteger.ONE)
        : whole;
  }

  /** Numbers between two that no whole number separates, with as few decimals as there are any. */
  private static Language narrow(BigDecimal low, BigDecimal high) {
    for (int decimals = 1; decimals <= MOST_DECIMALS; decimals++) {
      BigInteger scale = BigInteger.TEN.pow(decimals);
      BigInteger least = next(low.multiply(new BigDecimal(scale)), true);
      BigInteger most = next(high.multiply(new BigDecimal(scale)).negate(), true).negate();
      if (least.compareTo(most) <= 0) {
        boolean negative = most.signum() < 0;
        BigInteger first = negative ? most.negate() : least.max(BigInteger.ZERO);
        BigInteger last = negative ? least.negate() : most;
        BigInteger whole = first.divide(scale);
        String sign = negative ? "-" : "";
        return Language.sequence(
            Language.text(sign + whole + "."),
            padded(
                first.mod(scale),
                whole.equals(last.divide(scale)) ? last.mod(scale) : scale.subtract(BigInteger.ONE),
                decimals));
      }
    }
    return Language.NOTHING;
  }

  /** Whole numbers of a range, as JSON writes them. */
  private static Language between(BigInteger least, BigInteger most) {
    if (least.compareTo(most) > 0) {
      return Language.NOTHING;
    }
    if (least.signum() < 0) {
      BigInteger end = most.min(BigInteger.ONE.negate());
      Language negative =
          Language.sequence(Language.text("-"), between(end.negate(), least.negate()));
      return most.signum() < 0
          ? negative
          : Language.anyOf(List.of(negative, between(BigInteger.ZERO, most)));
    }
    List<Language> all = new ArrayList<>();
    for (int digits = 1; digits <= most.toString().length(); digits++) {
      BigInteger first = digits == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(digits - 1);
      BigInteger last = BigInteger.TEN.pow(digits).subtract(BigInteger.ONE);
      if (first.max(least).compareTo(last.min(most)) <= 0) {
        all.add(padded(first.max(least), last.min(most), digits));
      }
    }
    return Language.anyOf(all);
  }

  /** Numbers of a range with so many digits, zeros before them included. */
  private static Language padded(BigInteger least, BigInteger most, int digits) {
    if (digits == 0) {
      return Language.EMPTY;
    }
    BigInteger unit = BigInteger.TEN.pow(digits - 1);
    BigInteger end = unit.subtract(BigInteger.ONE);
    int first = least.divide(unit).intValueExact();
    int last = most.divide(unit).intValueExact();
    BigInteger low = least.mod(unit);
    BigInteger high = most.mod(unit);
    if (first == last) {
      return digit(first, last, padded(low, high, digits - 1));
    }
    List<Language> all = new ArrayList<>();
    boolean firstWhole = low.signum() == 0;
    boolean lastWhole = high.equals(end);
    if (!firstWhole) {
      all.add(digit(first, first, padded(low, end, digits - 1)));
    }
    int from = firstWhole ? first : first + 1;
    int to = lastWhole ? last : last - 1;
    if (from <= to) {
      Language any = Characters.DIGITS.language(false);
      all.add(digit(from, to, any.repeated(digits - 1, digits - 1)));
    }
    if (!lastWhole) {
      all.add(digit(last, last, padded(BigInteger.ZERO, high, digits - 1)));
    }
    return Language.anyOf(all);
  }

  private static Language digit(int first, int last, Language rest) {
    return Language.sequence(Characters.of('0' + first, '0' + last).language(false), rest);
  }

  /** Digits of any multiple, with or without a sign. */
  private static Language multiples(int divisor) {
    return (graph, from, to) -> {
      int[] remainders = new int[divisor];
      for (int i = 0; i < divisor; i++) {
        remainders[i] = graph.node();
      }
      int start = graph.node();
      graph.skip(from, start);
      graph.bytes(from, '-', '-', start);
      for (int i = -1; i < divisor; i++) {
        for (int digit = 0; digit < 10; digit++) {
          int next = (Math.max(i, 0) * 10 + digit) % divisor;
          graph.bytes(i < 0 ? start : remainders[i], '0' + digit, '0' + digit, remainders[next]);
        }
      }
      graph.skip(remainders[0], to);
    };
  }
}
