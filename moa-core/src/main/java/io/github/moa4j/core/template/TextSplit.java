package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Texts cut into pieces: at white space, or at a separator. */
final class TextSplit {

  private TextSplit() {}

  static List<Object> split(String text, Arguments arguments) {
    String separator = separator(arguments);
    long limit = arguments.whole(1, -1);
    if (separator == null) {
      return words(text, limit, arguments.budget());
    }
    return pieces(
        text, separator, Text.occurrences(text, separator, limit, arguments.budget()), arguments);
  }

  static List<Object> splitFromEnd(String text, Arguments arguments) {
    String separator = separator(arguments);
    long limit = arguments.whole(1, -1);
    if (separator == null) {
      return wordsFromEnd(text, limit, arguments.budget());
    }
    return pieces(text, separator, lastOccurrences(text, separator, limit, arguments), arguments);
  }

  private static List<Integer> lastOccurrences(
      String text, String separator, long limit, Arguments arguments) {
    // From the end, as overlapping occurrences differ from those found from the begin.
    List<Integer> found =
        Text.occurrences(Text.reversed(text), Text.reversed(separator), limit, arguments.budget());
    arguments.budget().text(2L * text.length());
    List<Integer> occurrences = new ArrayList<>();
    found.forEach(at -> occurrences.add(text.length() - at - separator.length()));
    Collections.reverse(occurrences);
    return occurrences;
  }

  private static List<Object> pieces(
      String text, String separator, List<Integer> occurrences, Arguments arguments) {
    arguments.budget().elements(occurrences.size());
    arguments.budget().text(text.length());
    List<Object> pieces = new ArrayList<>(occurrences.size() + 1);
    int from = 0;
    for (int at : occurrences) {
      pieces.add(text.substring(from, at));
      from = at + separator.length();
    }
    pieces.add(text.substring(from));
    return pieces;
  }

  /** The separator, null for white space. */
  private static String separator(Arguments arguments) {
    String separator = arguments.text(0, null);
    if (separator != null && separator.isEmpty()) {
      throw new TemplateException(arguments.callee() + " needs a separator that is not empty");
    }
    return separator;
  }

  private static List<Object> words(String text, long limit, Budget budget) {
    budget.text(text.length());
    List<Object> words = new ArrayList<>();
    int begin = skip(text, 0, true);
    while (begin < text.length()) {
      budget.steps(4);
      boolean rest = limit >= 0 && words.size() >= limit;
      int end = rest ? text.length() : skip(text, begin, false);
      words.add(text.substring(begin, end));
      begin = skip(text, end, true);
    }
    return words;
  }

  /** The first index from which the characters are not white space any more, or are. */
  private static int skip(String text, int from, boolean space) {
    int i = from;
    while (i < text.length() && Text.isSpace(text.codePointAt(i)) == space) {
      i += Character.charCount(text.codePointAt(i));
    }
    return i;
  }

  private static List<Object> wordsFromEnd(String text, long limit, Budget budget) {
    budget.text(text.length());
    List<Object> words = new ArrayList<>();
    int end = skipBack(text, text.length(), true);
    while (end > 0) {
      budget.steps(4);
      boolean rest = limit >= 0 && words.size() >= limit;
      int begin = rest ? 0 : skipBack(text, end, false);
      words.add(text.substring(begin, end));
      end = skipBack(text, begin, true);
    }
    Collections.reverse(words);
    return words;
  }

  private static int skipBack(String text, int from, boolean space) {
    int i = from;
    while (i > 0 && Text.isSpace(text.codePointBefore(i)) == space) {
      i -= Character.charCount(text.codePointBefore(i));
    }
    return i;
  }

  /** What stands before a separator, the separator, and what stands behind it. */
  static Tuple partition(String text, Arguments arguments, boolean last) {
    arguments.require(0);
    String separator = separator(arguments);
    if (separator == null) {
      throw new TemplateException(arguments.callee() + " needs a separator");
    }
    arguments.budget().search(text, separator);
    arguments.budget().text(text.length());
    int at =
        last ? Text.lastIndexOf(text, separator, text.length()) : Text.indexOf(text, separator, 0);
    if (at < 0) {
      return last ? Tuple.of("", "", text) : Tuple.of(text, "", "");
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }
}
