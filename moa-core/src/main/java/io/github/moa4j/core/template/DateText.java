package io.github.moa4j.core.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;

/** The date of today in a pattern of C's {@code strftime}, with English names. */
final class DateText {

  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('d', "dd"),
          Map.entry('e', "ppd"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('m', "MM"),
          Map.entry('Y', "yyyy"),
          Map.entry('y', "yy"),
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('u', "e"),
          Map.entry('H', "HH"),
          Map.entry('k', "ppH"),
          Map.entry('I', "hh"),
          Map.entry('l', "pph"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('f', "SSSSSS"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"),
          Map.entry('G', "YYYY"),
          Map.entry('V', "ww"),
          Map.entry('F', "yyyy-MM-dd"),
          Map.entry('D', "MM/dd/yy"),
          Map.entry('x', "MM/dd/yy"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('X', "HH:mm:ss"),
          Map.entry('R', "HH:mm"),
          Map.entry('r', "hh:mm:ss a"),
          Map.entry('c', "EEE MMM ppd HH:mm:ss yyyy"));

  private DateText() {}

  static String format(String format, Clock clock, Budget budget) {
    ZonedDateTime now = ZonedDateTime.now(clock);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        budget.text(1);
        text.append(c);
        continue;
      }
      boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
      i += unpadded ? 2 : 1;
      budget.steps(100);
      String part = part(format.charAt(i), now);
      budget.text(part.length());
      text.append(unpadded ? withoutPadding(part) : part);
    }
    return text.toString();
  }

  private static String withoutPadding(String part) {
    int begin = 0;
    while (begin + 1 < part.length()
        && (part.charAt(begin) == '0' || part.charAt(begin) == ' ')
        && Character.isDigit(part.charAt(begin + 1))) {
      begin++;
    }
    return part.substring(begin);
  }

  private static String part(char letter, ZonedDateTime now) {
    return switch (letter) {
      case '%' -> "%";
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'z', 'Z' -> ""; // the time that templates are told has no zone
      case 'C' -> two(now.getYear() / 100);
      case 's' -> String.valueOf(now.toEpochSecond());
      case 'w' -> String.valueOf(now.getDayOfWeek().getValue() % 7);
      case 'P' -> now.getHour() < 12 ? "am" : "pm";
      // The weeks since the first Sunday or Monday of the year.
      case 'U' -> two((now.getDayOfYear() + 6 - now.getDayOfWeek().getValue() % 7) / 7);
      case 'W' -> two((now.getDayOfYear() + 6 - (now.getDayOfWeek().getValue() + 6) % 7) / 7);
      default -> {
        String pattern = PATTERNS.get(letter);
        if (pattern == null) {
          throw new TemplateException("strftime_now() does not support '%" + letter + "'");
        }
        // Weeks begin on Monday, as ISO 8601 and not as the names' language has it.
        DateTimeFormatter formatter =
            DateTimeFormatter.ofPattern(
                pattern, "uGV".indexOf(letter) >= 0 ? Locale.UK : Locale.US);
        yield formatter.format(now.truncatedTo(ChronoUnit.MICROS));
      }
    };
  }

  private static String two(int number) {
    return (number < 10 ? "0" : "") + number;
  }
}
