package io.github.moa4j.training.personal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Payment card numbers: an issuer's first digits and lengths, and a check digit by Luhn. */
final class CardNumbers {

  /** Digits as cards group them: alone, or in groups of three and more behind one of four. */
  private static final Pattern DIGITS =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}.,])(?=((?:[0-9]{12,19}|[0-9]{4,6}(?:[ .-]?[0-9]{3,13}){1,4}))(?![0-9]))");

  /**
   * First digits and lengths, in turn: Visa, Mastercard, American Express, Diners, JCB, Discover
   * and UnionPay, RuPay, Mir, Troy, JCB of old, Maestro.
   */
  private static final Pattern ISSUED =
      Pattern.compile(
          "4(?:.{12}|.{15}|.{17,18})"
              + "|(?:5[1-5]|222[1-9]|22[3-9].|2[3-6]..|27[01].|2720).*(?<=^.{16})"
              + "|3[47].{13}"
              + "|3(?:0[0-59]|[689].).{11,16}"
              + "|35(?:2[89]|[3-8].).{12,15}"
              + "|(?:6011|64[4-9].|65..|62..|81..).{12,15}"
              + "|(?:60|82).{14}"
              + "|220[0-4].{12,15}"
              + "|9792.{12}"
              + "|(?:2131|1800).{11}"
              + "|(?:50|5[6-8]|63|67).{10,17}");

  private CardNumbers() {}

  static List<Span> in(String text) {
    List<Span> found = new ArrayList<>();
    Matcher start = DIGITS.matcher(text);
    for (int from = 0; start.find(from); ) {
      int end = end(text, start.start(), start.end(1));
      if (end > 0) {
        found.add(new Span(start.start(), end));
      }
      from = end > 0 ? end : start.start() + 1;
      if (from > text.length()) {
        break;
      }
    }
    return found;
  }

  /** The longest number that ends with a group; -1 if none is one of a card. */
  private static int end(String text, int start, int most) {
    for (int end = most; end > start; end--) {
      boolean whole =
          Character.isDigit(text.charAt(end - 1))
              && (end == text.length() || !Character.isDigit(text.charAt(end)));
      if (whole && isValid(text.substring(start, end).replaceAll("[ .-]", ""))) {
        return end;
      }
    }
    return -1;
  }

  static boolean isValid(String digits) {
    return ISSUED.matcher(digits).matches()
        && digits.chars().distinct().count() > 1
        && passesLuhn(digits);
  }

  private static boolean passesLuhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      int doubled = i % 2 == 1 ? 2 * digit : digit;
      sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
  }
}
