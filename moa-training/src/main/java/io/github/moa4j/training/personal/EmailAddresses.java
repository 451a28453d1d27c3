package io.github.moa4j.training.personal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses of electronic mail, sought from their sign on, so that long texts cost no more. */
final class EmailAddresses {

  private static final int MOST_LOCAL = 64; // RFC 5321, 4.5.3.1.1
  private static final String LOCAL_SIGNS = "!#$%&'*+-^_~.";
  private static final String LABEL =
      "[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]{0,61}[\\p{L}\\p{M}\\p{N}])?";

  /** The last label is of one script, so that text which follows without a space is not taken. */
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:"
              + LABEL
              + "\\.)+?(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24}(?![A-Za-z0-9-]*\\.[A-Za-z])"
              + "|(?:(?![A-Za-z])[\\p{L}\\p{M}]){2,24})"
              + "|\\[(?:IPv6:)?[0-9A-Fa-f.:]{2,45}\\]");

  private EmailAddresses() {}

  static List<Span> in(String text) {
    List<Span> found = new ArrayList<>();
    for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      int start = at > 0 && text.charAt(at - 1) == '"' ? quotedStart(text, at) : start(text, at);
      Matcher domain = DOMAIN.matcher(text).region(at + 1, Math.min(text.length(), at + 256));
      if (start < at && domain.lookingAt()) {
        found.add(new Span(start, domain.end()));
      }
    }
    return found;
  }

  private static int start(String text, int at) {
    int start = at;
    while (start > 0 && at - start < MOST_LOCAL && isLocal(text, start)) {
      start -= Character.charCount(text.codePointBefore(start));
    }
    while (start < at && !isFirst(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    return start;
  }

  private static boolean isLocal(String text, int end) {
    int character = text.codePointBefore(end);
    return LOCAL_SIGNS.indexOf(character) >= 0
        || isFirst(character)
        || Character.getType(character) == Character.NON_SPACING_MARK
        || Character.getType(character) == Character.COMBINING_SPACING_MARK;
  }

  private static boolean isFirst(int character) {
    return Character.isLetterOrDigit(character) || character == '_';
  }

  /** The opening quote of {@code "who ever"@example.org}; the sign itself if there is none. */
  private static int quotedStart(String text, int at) {
    boolean named = false;
    for (int i = at - 2; i >= 0 && at - i <= MOST_LOCAL; i--) {
      char unit = text.charAt(i);
      if (unit == '"' && (i == 0 || text.charAt(i - 1) != '\\')) {
        return named && !(i > 0 && Character.isLetterOrDigit(text.charAt(i - 1))) ? i : at;
      }
      if (unit == '\n') {
        return at;
      }
      named |= Character.isLetterOrDigit(unit);
    }
    return at;
  }
}
