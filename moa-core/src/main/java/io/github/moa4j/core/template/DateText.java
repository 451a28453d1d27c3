package io.github.moa4j.core.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** The date of today in a pattern of C's {@code strftime}, with English names. */
final class DateText {

  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('d', "dd"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('m', "MM"),
          Map.entry('Y', "yyyy"),
          Map.entry('y', "yy"),
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"),
          Map.entry('F', "yyyy-MM-dd"),
          Map.entry('T', "HH:mm:ss"));

  private DateText() {}

  static String format(String format, Clock clock) {
    ZonedDateTime now = ZonedDateTime.now(clock);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
      i += unpadded ? 2 : 1;
      text.append(part(format.charAt(i), unpadded, now));
    }
    return text.toString();
  }

  private static String part(char letter, boolean unpadded, ZonedDateTime now) {
    if (letter == '%') {
      return "%";
    }
    String pattern = PATTERNS.get(letter);
    if (pattern == null) {
      throw new TemplateException("strftime_now() does not support '%" + letter + "'");
    }
    String part = DateTimeFormatter.ofPattern(pattern, Locale.US).format(now);
    return unpadded && part.matches("0+\\d+") ? part.replaceFirst("^0+(?=\\d)", "") : part;
  }
}
