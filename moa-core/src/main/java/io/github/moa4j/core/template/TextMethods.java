package io.github.moa4j.core.template;

import static io.github.moa4j.core.template.Operation.define;
import static io.github.moa4j.core.template.Operation.table;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;

/** The methods of texts. */
final class TextMethods {

  private TextMethods() {}

  static final Map<String, Operation<String>> ALL =
      table(
          define("strip(chars)", (s, a) -> stripped(s, a, Text::strip)),
          define("lstrip(chars)", (s, a) -> stripped(s, a, Text::stripLeading)),
          define("rstrip(chars)", (s, a) -> stripped(s, a, Text::stripTrailing)),
          define("startswith(prefix, start, end)", (s, a) -> affix(s, a, true)),
          define("endswith(suffix, start, end)", (s, a) -> affix(s, a, false)),
          define("split(sep, maxsplit)", (s, a) -> TextSplit.split(s, a)),
          define("rsplit(sep, maxsplit)", (s, a) -> TextSplit.splitFromEnd(s, a)),
          define("splitlines(keepends)", (s, a) -> Text.lines(s, a.isTrue(0, false), a.budget())),
          define("partition(sep)", (s, a) -> TextSplit.partition(s, a, false)),
          define("rpartition(sep)", (s, a) -> TextSplit.partition(s, a, true)),
          define("replace(old, new, count)", TextMethods::replace),
          define("removeprefix(prefix)", (s, a) -> withoutPrefix(s, a)),
          define("removesuffix(suffix)", (s, a) -> withoutSuffix(s, a)),
          define("upper()", (s, a) -> Text.upper(copied(s, a))),
          define("lower()", (s, a) -> Text.lower(copied(s, a))),
          define("casefold()", (s, a) -> Text.lower(Text.upper(copied(s, a)))),
          define("title()", (s, a) -> Text.title(copied(s, a))),
          define("capitalize()", (s, a) -> Text.capitalize(copied(s, a))),
          define("swapcase()", (s, a) -> swapCase(copied(s, a))),
          define("join(iterable)", TextMethods::join),
          define("find(sub, start, end)", (s, a) -> position(s, a, false)),
          define("rfind(sub, start, end)", (s, a) -> position(s, a, true)),
          define("index(sub, start, end)", (s, a) -> requirePosition(s, a, false)),
          define("rindex(sub, start, end)", (s, a) -> requirePosition(s, a, true)),
          define("count(sub, start, end)", TextMethods::count),
          define("center(width, fillchar)", (s, a) -> pad(s, a, 1, 1)),
          define("ljust(width, fillchar)", (s, a) -> pad(s, a, 0, 1)),
          define("rjust(width, fillchar)", (s, a) -> pad(s, a, 1, 0)),
          define("zfill(width)", TextMethods::zeroFill),
          define("expandtabs(tabsize)", TextMethods::expandTabs),
          define("format(*)", (s, a) -> BraceFormat.format(s, a.call())),
          define("format_map(mapping)", TextMethods::formatMap),
          define("isdigit()", (s, a) -> all(s, a, TextMethods::isDigit)),
          define("isdecimal()", (s, a) -> all(s, a, Character::isDigit)),
          define("isnumeric()", (s, a) -> all(s, a, TextMethods::isNumeric)),
          define("isalpha()", (s, a) -> all(s, a, Character::isLetter)),
          define("isalnum()", (s, a) -> all(s, a, TextMethods::isWordPart)),
          define("isspace()", (s, a) -> all(s, a, Text::isSpace)),
          define("isascii()", (s, a) -> s.isEmpty() || all(s, a, c -> c < 0x80)),
          define("isprintable()", (s, a) -> s.isEmpty() || all(s, a, Text::isPrintable)),
          define("isidentifier()", (s, a) -> isIdentifier(scanned(s, a))),
          define("isupper()", (s, a) -> Text.isUpper(scanned(s, a))),
          define("islower()", (s, a) -> Text.isLower(scanned(s, a))),
          define("istitle()", (s, a) -> isTitle(scanned(s, a))));

  private static String scanned(String text, Arguments arguments) {
    arguments.budget().scan(text.length());
    return text;
  }

  private static String stripped(
      String text, Arguments arguments, BinaryOperator<String> withoutCharacters) {
    String characters = arguments.text(0, null);
    arguments.budget().scan(text.length());
    arguments.budget().steps(characters == null ? 0 : characters.length());
    return made(arguments, withoutCharacters.apply(text, characters));
  }

  private static String copied(String text, Arguments arguments) {
    arguments.budget().text(2L * text.length());
    return text;
  }

  private static String made(Arguments arguments, String text) {
    return arguments.budget().made(text);
  }

  private static boolean all(String text, Arguments arguments, IntPredicate condition) {
    return !text.isEmpty() && scanned(text, arguments).codePoints().allMatch(condition);
  }

  private static boolean isDigit(int c) {
    String plain = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKC);
    // Such as a small, raised 2.
    return Character.isDigit(c) || (plain.length() == 1 && Character.isDigit(plain.charAt(0)));
  }

  private static boolean isNumeric(int c) {
    return Character.isDigit(c)
        || Character.getType(c) == Character.OTHER_NUMBER
        || Character.getType(c) == Character.LETTER_NUMBER;
  }

  /** Whether a character is a letter or a number of any kind. */
  static boolean isWordPart(int c) {
    return Character.isLetter(c) || isNumeric(c);
  }

  private static boolean isIdentifier(String text) {
    return !text.isEmpty()
        && (Character.isUnicodeIdentifierStart(text.codePointAt(0)) || text.charAt(0) == '_')
        && text.codePoints()
            .allMatch(
                c -> Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  private static boolean isTitle(String text) {
    boolean any = false;
    boolean cased = false;
    for (int c : text.codePoints().toArray()) {
      boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
      if (Text.isCased(c) && upper == cased) {
        return false;
      }
      cased = Text.isCased(c);
      any |= cased;
    }
    return any;
  }

  private static String swapCase(String text) {
    StringBuilder swapped = new StringBuilder();
    text.codePoints()
        .mapToObj(Character::toString)
        .forEach(
            c ->
                swapped.append(
                    Character.isUpperCase(c.codePointAt(0)) ? Text.lower(c) : Text.upper(c)));
    return swapped.toString();
  }

  private static boolean affix(String text, Arguments arguments, boolean prefix) {
    Object affixes = arguments.require(0);
    String part = part(text, arguments);
    List<Object> candidates =
        affixes instanceof Tuple tuple ? tuple : List.of(arguments.requireText(0));
    for (Object candidate : candidates) {
      if (!(candidate instanceof String affix)) {
        throw Values.mismatch("look for", candidate, text);
      }
      arguments.budget().scan(affix.length());
      if (part != null && (prefix ? part.startsWith(affix) : part.endsWith(affix))) {
        return true;
      }
    }
    return false;
  }

  /** The text between the second and the third argument; null if they begin behind its end. */
  private static String part(String text, Arguments arguments) {
    if (!arguments.has(1)) {
      return text;
    }
    long size = Text.length(scanned(text, arguments));
    long begin = arguments.get(1, null) == null ? 0 : arguments.whole(1, 0);
    if (begin > size) {
      return null;
    }
    long from = Methods.bound(begin, size);
    long to = arguments.get(2, null) == null ? size : Methods.bound(arguments.whole(2, size), size);
    return from > to
        ? null
        : made(
            arguments,
            text.substring(
                text.offsetByCodePoints(0, (int) from), text.offsetByCodePoints(0, (int) to)));
  }

  private static long position(String text, Arguments arguments, boolean last) {
    String sub = arguments.requireText(0);
    String part = part(text, arguments);
    if (part == null) {
      return -1;
    }
    arguments.budget().search(part, sub);
    int at = last ? Text.lastIndexOf(part, sub, part.length()) : Text.indexOf(part, sub, 0);
    if (at < 0) {
      return -1;
    }
    long before =
        arguments.get(1, null) == null
            ? 0
            : Methods.bound(arguments.whole(1, 0), Text.length(text));
    return before + part.codePointCount(0, at);
  }

  private static long requirePosition(String text, Arguments arguments, boolean last) {
    long position = position(text, arguments, last);
    if (position < 0) {
      throw new TemplateException(
          arguments.callee()
              + ": the text does not hold '"
              + TemplateException.quote(arguments.requireText(0))
              + "'");
    }
    return position;
  }

  private static long count(String text, Arguments arguments) {
    String sub = arguments.requireText(0);
    String part = part(text, arguments);
    if (part == null) {
      return 0;
    }
    arguments.budget().scan(part.length());
    return sub.isEmpty()
        ? Text.length(part) + 1
        : Text.occurrences(part, sub, -1, arguments.budget()).size();
  }

  private static Object replace(String text, Arguments arguments) {
    return replace(
        text,
        arguments.requireText(0),
        arguments.requireText(1),
        arguments.whole(2, -1),
        arguments);
  }

  /** The text with at most {@code count} occurrences replaced, all if negative. */
  static String replace(String text, String old, String with, long count, Arguments arguments) {
    if (old.isEmpty()) {
      return interspersed(text, with, count, arguments.budget());
    }
    List<Integer> occurrences = Text.occurrences(text, old, count, arguments.budget());
    if (occurrences.isEmpty()) {
      return text;
    }
    arguments.budget().text(text.length() + (long) occurrences.size() * with.length());
    StringBuilder replaced = new StringBuilder();
    int from = 0;
    for (int at : occurrences) {
      replaced.append(text, from, at).append(with);
      from = at + old.length();
    }
    return replaced.append(text, from, text.length()).toString();
  }

  /** An empty text is found before every character and at the end. */
  private static String interspersed(String text, String with, long count, Budget budget) {
    budget.scan(text.length());
    long times = Text.length(text) + 1;
    times = count < 0 ? times : Math.min(times, count);
    budget.text(text.length() + times * with.length());
    StringBuilder replaced = new StringBuilder();
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      replaced.append(times-- > 0 ? with : "").appendCodePoint(text.codePointAt(i));
    }
    return replaced.append(times > 0 ? with : "").toString();
  }

  private static String withoutPrefix(String text, Arguments arguments) {
    String prefix = arguments.requireText(0);
    arguments.budget().scan(prefix.length());
    return text.startsWith(prefix) ? made(arguments, text.substring(prefix.length())) : text;
  }

  private static String withoutSuffix(String text, Arguments arguments) {
    String suffix = arguments.requireText(0);
    arguments.budget().scan(suffix.length());
    return text.endsWith(suffix)
        ? made(arguments, text.substring(0, text.length() - suffix.length()))
        : text;
  }

  private static Object join(String separator, Arguments arguments) {
    List<Object> elements = Values.elements(arguments.require(0), arguments.budget());
    for (Object element : elements) {
      if (!(element instanceof String)) {
        throw new TemplateException(
            "join() needs texts, found a " + Values.type(element) + "; the filter takes all");
      }
    }
    return Text.join(separator, elements, arguments.budget());
  }

  private static Object pad(String text, Arguments arguments, int left, int right) {
    String fill = arguments.text(1, " ");
    if (Text.length(fill) != 1) {
      throw new TemplateException(arguments.callee() + " needs one character to fill with");
    }
    arguments.require(0);
    return Text.pad(
        text, arguments.whole(0, 0), fill.codePointAt(0), left, right, arguments.budget());
  }

  private static Object zeroFill(String text, Arguments arguments) {
    arguments.require(0);
    long width = arguments.whole(0, 0);
    String sign = text.startsWith("-") || text.startsWith("+") ? text.substring(0, 1) : "";
    return sign
        + Text.pad(
            text.substring(sign.length()), width - sign.length(), '0', 1, 0, arguments.budget());
  }

  private static Object expandTabs(String text, Arguments arguments) {
    long size = Math.max(0, arguments.whole(0, 8));
    StringBuilder expanded = new StringBuilder();
    long column = 0;
    for (int c : scanned(text, arguments).codePoints().toArray()) {
      if (c == '\t') {
        long width = size == 0 ? 0 : size - column % size;
        arguments.budget().text(width);
        expanded.append(" ".repeat((int) width));
        column += width;
      } else {
        arguments.budget().text(1);
        expanded.appendCodePoint(c);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return expanded.toString();
  }

  private static Object formatMap(String text, Arguments arguments) {
    if (!(arguments.require(0) instanceof Map<?, ?> map)) {
      throw new TemplateException("format_map() needs a map");
    }
    Map<String, Object> named = new java.util.LinkedHashMap<>();
    map.forEach((key, value) -> named.put(String.valueOf(key), value));
    return BraceFormat.format(text, new Call(new ArrayList<>(), named, arguments.budget()));
  }
}
