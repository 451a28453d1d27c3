package io.github.moa4j.training.personal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * International bank account numbers: a country's length, and check digits by ISO 7064 MOD 97-10.
 */
final class Ibans {

  /** The countries of the IBAN registry (SWIFT) and the lengths of their numbers. */
  private static final Map<String, Integer> LENGTHS =
      lengths(
          "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27"
              + " DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28"
              + " HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21"
              + " LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29"
              + " PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23"
              + " TN24 TR26 UA29 VA22 VG24 XK20 YE30");

  private static final Pattern START =
      Pattern.compile("(?<![\\p{L}\\p{N}])([A-Za-z]{2})[ -]?[0-9][ -]?[0-9]");

  private Ibans() {}

  private static Map<String, Integer> lengths(String table) {
    Map<String, Integer> lengths = new HashMap<>();
    for (int i = 0; i < table.length(); i += 5) {
      lengths.put(table.substring(i, i + 2), Integer.parseInt(table.substring(i + 2, i + 4)));
    }
    return Map.copyOf(lengths);
  }

  static List<Span> in(String text) {
    List<Span> found = new ArrayList<>();
    Matcher start = START.matcher(text);
    for (int from = 0; start.find(from); ) {
      Integer length = LENGTHS.get(start.group(1).toUpperCase(Locale.ROOT));
      int end = length == null ? -1 : end(text, start.start(), length);
      if (end > 0) {
        found.add(new Span(start.start(), end));
      }
      from = end > 0 ? end : start.start() + 1;
    }
    return found;
  }

  /** Where a number of that length ends that may have a space, dash or dot between; -1 if none. */
  private static int end(String text, int start, int length) {
    StringBuilder number = new StringBuilder();
    int i = start;
    boolean separated = false;
    for (; i < text.length() && number.length() < length; i++) {
      char unit = text.charAt(i);
      boolean part = unit < 0x80 && Character.isLetterOrDigit(unit);
      if (part) {
        number.append(unit);
      } else if (separated || " -.".indexOf(unit) < 0) {
        return -1;
      }
      separated = !part;
    }
    boolean ends =
        number.length() == length
            && (i == text.length() || !Character.isLetterOrDigit(text.codePointAt(i)));
    return ends && isValid(number.toString()) ? i : -1;
  }

  static boolean isValid(String number) {
    int remainder = 0;
    for (char unit : (number.substring(4) + number.substring(0, 4)).toCharArray()) {
      int value = Character.digit(unit, 36);
      remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
    }
    return remainder == 1;
  }
}
