package io.github.moa4j.training.evaluation;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number as people write it in an answer: {@code 9.7 million}, {@code $1,200}, {@code 42.0},
 * {@code (1,164) thousand}, {@code -66.67%}. Currency signs, commas between thousands, trailing
 * zeros and the choice of thousand, million, billion do not change it; a percent sign does.
 *
 * @param value the number, scaled, without trailing zeros
 * @param percent whether it is a share of a hundred
 */
record Quantity(BigDecimal value, boolean percent) {

  private static final String NUMBER =
      "(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\\.[0-9]+)?|\\.[0-9]+";

  private static final Pattern FORM =
      Pattern.compile(
          "(?<sign>[-+\u2212])?\\s*(?<open>\\()?\\s*[$\u20ac\u00a3\u00a5]?\\s*(?<inner>[-\u2212])?"
              + "(?<number>"
              + NUMBER
              + ")\\s*(?<percent>%|percent)?\\s*(?<close>\\))?\\s*"
              + "(?<unit>%|percent|thousand|million|billion|trillion)?\\s*\\.?",
          Pattern.CASE_INSENSITIVE);

  /** A number at the end of a text, with its sign and currency. */
  private static final Pattern LAST =
      Pattern.compile(
          "(?<![0-9A-Za-z.,])(?:[-\u2212]\\s?)?[$\u20ac\u00a3\u00a5]?(?:"
              + NUMBER
              + ")\\s*(?:%|percent)?\\s*\\.?\\s*\\z",
          Pattern.CASE_INSENSITIVE);

  /** Reads a text that is one number and nothing else; nothing if it is not. */
  static Optional<Quantity> parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches() || (matcher.group("open") == null) != (matcher.group("close") == null)) {
      return Optional.empty();
    }
    boolean minus = isMinus(matcher.group("sign")) || isMinus(matcher.group("inner"));
    boolean negative = minus || matcher.group("open") != null;
    String unit =
        matcher.group("unit") == null ? "" : matcher.group("unit").toLowerCase(Locale.ROOT);
    BigDecimal value =
        new BigDecimal(matcher.group("number").replace(",", "")).scaleByPowerOfTen(zeros(unit));
    boolean percent =
        matcher.group("percent") != null || unit.equals("%") || unit.equals("percent");
    return Optional.of(
        new Quantity((negative ? value.negate() : value).stripTrailingZeros(), percent));
  }

  /** Returns where the number starts that ends a text, or -1 if no number does. */
  static int startOfLast(String text) {
    Matcher matcher = LAST.matcher(text);
    return matcher.find() ? matcher.start() : -1;
  }

  private static boolean isMinus(String sign) {
    return sign != null && !sign.equals("+");
  }

  private static int zeros(String unit) {
    return switch (unit) {
      case "thousand" -> 3;
      case "million" -> 6;
      case "billion" -> 9;
      case "trillion" -> 12;
      default -> 0;
    };
  }
}
