package io.github.moa4j.examples.study.report.page;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** How figures are written; NaN, which means "not measured", is a dash. */
public final class Numbers {

  private static final String NONE = "–";

  private Numbers() {}

  /** A perplexity: as many decimals as are worth reading. */
  public static String perplexity(double value) {
    double size = Math.abs(value);
    return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : 2);
  }

  public static String fixed(double value, int decimals) {
    return finite(
        value, v -> String.format(Locale.ROOT, "%,." + decimals + "f", v).replace('-', '−'));
  }

  /** A share such as an accuracy, with three decimals. */
  public static String share(double value) {
    return fixed(value, 3);
  }

  /** A share in percent, without the sign. */
  public static String percent(double value) {
    return fixed(100 * value, 1);
  }

  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A learning rate, in plain digits. */
  public static String rate(double value) {
    return finite(value, v -> BigDecimal.valueOf(v).stripTrailingZeros().toPlainString());
  }

  public static String seconds(double value) {
    return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0);
  }

  private static String finite(double value, DoubleFunction<String> text) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    return Double.isInfinite(value) ? (value > 0 ? "∞" : "−∞") : text.apply(value);
  }
}
