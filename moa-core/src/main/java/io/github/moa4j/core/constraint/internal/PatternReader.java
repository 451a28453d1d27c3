package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.files.Failure;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads regular expressions, as far as they are regular, in the syntax that ECMA and Java share.
 */
public final class PatternReader {

  private static final int DEEPEST = 100;

  private final String pattern;
  private final boolean inJson;
  private int at;
  private int depth;

  private PatternReader(String pattern, boolean inJson) {
    this.pattern = pattern;
    this.inJson = inJson;
  }

  /** The texts that a pattern matches as a whole. */
  public static Language whole(String pattern) {
    return new PatternReader(pattern, false).read(false);
  }

  /**
   * The texts in which a pattern is found, as they stand in a JSON string.
   *
   * @param whole whether it has to match all of the text
   */
  static Language inJson(String pattern, boolean whole) {
    return new PatternReader(pattern, true).read(!whole);
  }

  private Language read(boolean anywhere) {
    Language anything = Characters.ALL.language(inJson).repeated(0, -1);
    List<Language> all = new ArrayList<>();
    do {
      boolean begins = take('^');
      List<Language> parts = new ArrayList<>(items());
      boolean ends = take('$');
      if (anywhere && !begins) {
        parts.add(0, anything);
      }
      if (anywhere && !ends) {
        parts.add(anything);
      }
      all.add(Language.sequence(parts));
    } while (take('|'));
    if (at < pattern.length()) {
      throw wrong("an unexpected '" + pattern.charAt(at) + "'");
    }
    return Language.anyOf(all);
  }

  private boolean more() {
    return at < pattern.length();
  }

  private boolean take(char c) {
    boolean there = more() && pattern.charAt(at) == c;
    at += there ? 1 : 0;
    return there;
  }

  private ConstraintException wrong(String what) {
    return new ConstraintException(
        "The regular expression "
            + Failure.quote(pattern)
            + " has "
            + what
            + " at character "
            + at
            + ", which an answer cannot be held to");
  }

  private List<Language> items() {
    List<Language> parts = new ArrayList<>();
    while (more() && "|)$".indexOf(pattern.charAt(at)) < 0) {
      parts.add(repetition(item()));
    }
    return parts;
  }

  private Language item() {
    int c = pattern.codePointAt(at);
    at += Character.charCount(c);
    return switch (c) {
      case '(' -> group();
      case '[' -> characterClass().language(inJson);
      case '.' -> Characters.DOT.language(inJson);
      case '\\' -> escape(false).language(inJson);
      case '*', '+', '?', '{' -> throw wrong("a repetition of nothing");
      case '^' -> throw wrong("an anchor inside");
      default -> Characters.of(c, c).language(inJson);
    };
  }

  private Language group() {
    if (++depth > DEEPEST) {
      throw wrong("groups nested more than " + DEEPEST + " deep");
    }
    if (take('?')) {
      if (take('<') && more() && "=!".indexOf(pattern.charAt(at)) < 0) {
        at = pattern.indexOf('>', at) + 1;
        if (at == 0) {
          throw wrong("a group without name");
        }
      } else if (!take(':')) {
        throw wrong("a group that looks around or sets flags");
      }
    }
    List<Language> all = new ArrayList<>();
    do {
      all.add(Language.sequence(items()));
    } while (take('|'));
    if (!take(')')) {
      throw wrong("a group without end, or an anchor inside");
    }
    depth--;
    return Language.anyOf(all);
  }

  private Language repetition(Language item) {
    Language all = item;
    if (more() && "*+?{".indexOf(pattern.charAt(at)) >= 0) {
      char c = pattern.charAt(at++);
      all =
          switch (c) {
            case '*' -> item.repeated(0, -1);
            case '+' -> item.repeated(1, -1);
            case '?' -> item.repeated(0, 1);
            default -> counted(item);
          };
      take('?'); // as few as possible: the same texts
      if (more() && "*+{".indexOf(pattern.charAt(at)) >= 0) {
        throw wrong("a repetition of a repetition");
      }
    }
    return all;
  }

  private Language counted(Language item) {
    int least = number();
    int most = take(',') ? (more() && pattern.charAt(at) == '}' ? -1 : number()) : least;
    if (!take('}') || (most >= 0 && most < least)) {
      throw wrong("a repetition that is not {n}, {n,} or {n,m}");
    }
    return item.repeated(least, most);
  }

  private int number() {
    int start = at;
    while (more() && Character.digit(pattern.charAt(at), 10) >= 0) {
      at++;
    }
    if (at == start || at - start > 6) {
      throw wrong("a repetition that is not {n}, {n,} or {n,m} with numbers below a million");
    }
    return Integer.parseInt(pattern.substring(start, at));
  }

  private Characters characterClass() {
    boolean others = take('^');
    Characters all = Characters.NONE;
    do {
      if (!more()) {
        throw wrong("a class without end");
      }
      if (pattern.startsWith("[", at) || pattern.startsWith("&&", at)) {
        throw wrong("a class within a class");
      }
      Characters one = member();
      boolean range =
          one.isOne() && more() && pattern.charAt(at) == '-' && !pattern.startsWith("-]", at);
      if (range) {
        at++;
        Characters last = more() ? member() : Characters.NONE;
        if (!last.isOne() || last.first() < one.first()) {
          throw wrong("a range without order");
        }
        one = Characters.of(one.first(), last.first());
      }
      all = all.or(one);
    } while (!take(']'));
    return others ? all.others() : all;
  }

  private Characters member() {
    int c = pattern.codePointAt(at);
    at += Character.charCount(c);
    return c == '\\' ? escape(true) : Characters.of(c, c);
  }

  private Characters escape(boolean inClass) {
    if (!more()) {
      throw wrong("a lone \\");
    }
    int c = pattern.codePointAt(at);
    at += Character.charCount(c);
    return switch (c) {
      case 'd' -> Characters.DIGITS;
      case 'D' -> Characters.DIGITS.others();
      case 'w' -> Characters.WORD;
      case 'W' -> Characters.WORD.others();
      case 's' -> Characters.SPACE;
      case 'S' -> Characters.ANY_SPACE.others();
      case 't' -> Characters.of('\t', '\t');
      case 'n' -> Characters.of('\n', '\n');
      case 'r' -> Characters.of('\r', '\r');
      case 'f' -> Characters.of('\f', '\f');
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'p' -> category();
      case 'P' -> category().others();
      default -> {
        if (Character.isLetterOrDigit(c) || (inClass && c == '&')) {
          throw wrong("the escape \\" + Character.toString(c));
        }
        yield Characters.of(c, c);
      }
    };
  }

  /** A general category of Unicode, such as {L} or {Lu}. */
  private Characters category() {
    int end = pattern.indexOf('}', at);
    String name = take('{') && end > 0 ? pattern.substring(at, end) : "";
    Characters category = Characters.ofCategory(name);
    if (category.isEmpty()) {
      throw wrong(
          "the class \\p{"
              + Failure.quote(name)
              + "}, which is no category of Unicode by its short name such as L or Nd,");
    }
    at = end + 1;
    return category;
  }

  private Characters hex(int digits) {
    if (at + digits > pattern.length()
        || !pattern.substring(at, at + digits).matches("[0-9A-Fa-f]+")) {
      throw wrong("an escape without its " + digits + " digits");
    }
    int c = Integer.parseInt(pattern.substring(at, at + digits), 16);
    at += digits;
    if (Character.isSurrogate((char) c)) {
      throw wrong("half a surrogate pair");
    }
    return Characters.of(c, c);
  }
}
