package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The methods of texts, maps and lists: Python's names, those that change nothing. */
final class Methods {

  private Methods() {}

  /** The method of a value, bound to it, or null. */
  static Callable find(Object value, String name) {
    if (value instanceof String text) {
      return TEXT.containsKey(name) ? bind(text, name, TEXT.get(name)) : null;
    }
    if (value instanceof Map<?, ?> map) {
      return MAP.containsKey(name) ? bind(map, name, MAP.get(name)) : null;
    }
    if (value instanceof List<?> list) {
      return LIST.containsKey(name) ? bind(list, name, LIST.get(name)) : null;
    }
    return null;
  }

  private static <T> Callable bind(T value, String name, Method<T> method) {
    return (positional, named) ->
        method.apply(value, new Arguments(name + "()", positional, named));
  }

  private interface Method<T> {
    Object apply(T value, Arguments arguments);
  }

  private static final Map<String, Method<String>> TEXT =
      Map.ofEntries(
          method("strip", (s, a) -> Text.strip(s, characters(a))),
          method("lstrip", (s, a) -> Text.stripLeading(s, characters(a))),
          method("rstrip", (s, a) -> Text.stripTrailing(s, characters(a))),
          method("startswith", (s, a) -> any(a.require(0, "prefix"), s::startsWith)),
          method("endswith", (s, a) -> any(a.require(0, "suffix"), s::endsWith)),
          method("split", (s, a) -> Text.split(s, separator(a), a.whole(1, "maxsplit", -1))),
          method("rsplit", (s, a) -> splitFromEnd(s, a)),
          method("splitlines", (s, a) -> new ArrayList<Object>(s.lines().toList())),
          method("replace", Methods::replace),
          method("removeprefix", (s, a) -> removePrefix(s, a.requireText(0, "prefix"))),
          method("removesuffix", (s, a) -> removeSuffix(s, a.requireText(0, "suffix"))),
          method("upper", (s, a) -> s.toUpperCase(Locale.ROOT)),
          method("lower", (s, a) -> s.toLowerCase(Locale.ROOT)),
          method("title", (s, a) -> Text.title(s)),
          method("capitalize", (s, a) -> Text.capitalize(s)),
          method("join", (s, a) -> join(s, Values.elements(a.require(0, "iterable")))),
          method("find", (s, a) -> position(s, s.indexOf(a.requireText(0, "sub")))),
          method("rfind", (s, a) -> position(s, s.lastIndexOf(a.requireText(0, "sub")))),
          method("count", (s, a) -> count(s, a.requireText(0, "sub"))),
          method("isdigit", (s, a) -> all(s, Character::isDigit)),
          method("isalpha", (s, a) -> all(s, Character::isLetter)),
          method("isalnum", (s, a) -> all(s, Character::isLetterOrDigit)),
          method("isspace", (s, a) -> all(s, Text::isSpace)),
          method("isupper", (s, a) -> isCase(s, s.toUpperCase(Locale.ROOT))),
          method("islower", (s, a) -> isCase(s, s.toLowerCase(Locale.ROOT))));

  private static final Map<String, Method<Map<?, ?>>> MAP =
      Map.of(
          "items", (m, a) -> items(m),
          "keys", (m, a) -> new ArrayList<Object>(m.keySet()),
          "values", (m, a) -> new ArrayList<Object>(m.values()),
          "get", (m, a) -> get(m, a.require(0, "key"), a.get(1, "default", null)));

  private static final Map<String, Method<List<?>>> LIST =
      Map.of(
          "count",
          (l, a) -> l.stream().filter(e -> Values.equal(e, a.require(0, "x"))).count(),
          "index",
          Methods::index);

  private static Map.Entry<String, Method<String>> method(String name, Method<String> method) {
    return Map.entry(name, method);
  }

  private static boolean any(Object candidates, java.util.function.Predicate<String> condition) {
    List<Object> list =
        candidates instanceof String ? List.of(candidates) : Values.elements(candidates);
    return list.stream().anyMatch(c -> condition.test(Values.text(c)));
  }

  private static boolean all(String text, java.util.function.IntPredicate condition) {
    return !text.isEmpty() && text.codePoints().allMatch(condition);
  }

  private static boolean isCase(String text, String converted) {
    return text.equals(converted)
        && !text.toUpperCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT));
  }

  private static String characters(Arguments arguments) {
    return arguments.text(0, "chars", null);
  }

  private static String separator(Arguments arguments) {
    String separator = arguments.text(0, "sep", null);
    if (separator != null && separator.isEmpty()) {
      throw new TemplateException(arguments.callee() + " needs a separator that is not empty");
    }
    return separator;
  }

  private static Object splitFromEnd(String text, Arguments arguments) {
    String separator = separator(arguments);
    long limit = arguments.whole(1, "maxsplit", -1);
    if (separator == null) {
      if (limit >= 0) {
        throw new TemplateException("rsplit() with a limit needs a separator");
      }
      return Text.split(text, null, limit);
    }
    return Text.splitFromEnd(text, separator, limit);
  }

  static String replace(String text, Arguments arguments) {
    String old = arguments.requireText(0, "old");
    String replacement = arguments.requireText(1, "new");
    long count = arguments.get(2, "count", null) == null ? -1 : arguments.whole(2, "count", -1);
    if (count < 0) {
      return text.replace(old, replacement);
    }
    if (old.isEmpty()) {
      throw new TemplateException("replace() with a count needs a text to replace");
    }
    return join(replacement, Text.split(text, old, count));
  }

  private static String removePrefix(String text, String prefix) {
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  private static String removeSuffix(String text, String suffix) {
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }

  static String join(String separator, List<Object> elements) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < elements.size(); i++) {
      joined.append(i == 0 ? "" : separator).append(Values.text(elements.get(i)));
    }
    return joined.toString();
  }

  private static long position(String text, int index) {
    return index < 0 ? -1 : text.codePointCount(0, index);
  }

  private static long count(String text, String part) {
    return part.isEmpty() ? Text.length(text) + 1 : Text.split(text, part, -1).size() - 1L;
  }

  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(java.util.Arrays.asList(key, value)));
    return items;
  }

  private static Object get(Map<?, ?> map, Object key, Object missing) {
    return map.containsKey(key) ? map.get(key) : missing;
  }

  private static Object index(List<?> list, Arguments arguments) {
    Object element = arguments.require(0, "x");
    for (int i = 0; i < list.size(); i++) {
      if (Values.equal(list.get(i), element)) {
        return (long) i;
      }
    }
    throw new TemplateException("index(): the list does not hold " + Values.literal(element));
  }
}
