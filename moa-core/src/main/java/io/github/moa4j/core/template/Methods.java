package io.github.moa4j.core.template;

import static io.github.moa4j.core.template.Operation.define;
import static io.github.moa4j.core.template.Operation.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The methods of texts, maps, lists and numbers: Python's names, those that change nothing. */
final class Methods {

  private Methods() {}

  /** The method of a value, bound to it, or null. */
  static Callable find(Object value, String name) {
    if (value instanceof String text) {
      return bind(TextMethods.ALL, name, text);
    }
    if (value instanceof Map<?, ?> map) {
      return bind(MAP, name, map);
    }
    if (value instanceof List<?> list && !(value instanceof View)) {
      return name.equals("copy") && !Values.isList(value) ? null : bind(LIST, name, list);
    }
    return value instanceof Number number ? bind(NUMBER, name, number) : null;
  }

  private static <T> Callable bind(Map<String, Operation<T>> methods, String name, T value) {
    Operation<T> method = methods.get(name);
    return method == null ? null : method.bind(value);
  }

  /**
   * Whether Python has such a method, but it changes its value, or templates have no use for it.
   */
  static boolean isUnsupported(Object value, String name) {
    return value instanceof String
        ? Set.of("encode", "translate", "maketrans").contains(name)
        : value instanceof Map
            ? Set.of("pop", "popitem", "update", "setdefault", "clear", "fromkeys").contains(name)
            : Values.isList(value)
                && Set.of("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse")
                    .contains(name);
  }

  private static final Map<String, Operation<Map<?, ?>>> MAP =
      table(
          define("items()", (m, a) -> new View("dict_items", items(m, a.budget()))),
          define("keys()", (m, a) -> new View("dict_keys", Values.elements(m, a.budget()))),
          define("values()", Methods::values),
          define("copy()", Methods::copy),
          define("get(key, default)", Methods::get));

  private static final Map<String, Operation<List<?>>> LIST =
      table(
          define("count(x)", Methods::count),
          define("index(x, start, end)", Methods::index),
          define("copy()", (l, a) -> new ArrayList<>(Values.elements(l, a.budget()))));

  private static final Map<String, Operation<Number>> NUMBER =
      table(
          define(
              "is_integer()",
              (n, a) -> !(n instanceof Double) || !(Numbers.wholeOrSame(n) instanceof Double)),
          define("bit_length()", (n, a) -> bitLength(n)));

  /** The entries of a map, each a tuple of key and value. */
  static List<Object> items(Map<?, ?> map, Budget budget) {
    budget.elements(3L * map.size());
    List<Object> items = new ArrayList<>(map.size());
    map.forEach((key, value) -> items.add(Tuple.of(key, value)));
    return items;
  }

  private static Object values(Map<?, ?> map, Arguments arguments) {
    arguments.budget().elements(map.size());
    return new View("dict_values", new ArrayList<>(map.values()));
  }

  private static Object copy(Map<?, ?> map, Arguments arguments) {
    arguments.budget().elements(2L * map.size());
    return new java.util.LinkedHashMap<Object, Object>(map);
  }

  private static Object get(Map<?, ?> map, Arguments arguments) {
    Object key = Keys.find(map, arguments.require(0), arguments.budget());
    return map.containsKey(key) ? map.get(key) : arguments.get(1, null);
  }

  private static Object count(List<?> list, Arguments arguments) {
    Object element = arguments.require(0);
    return list.stream().filter(e -> Comparison.equal(e, element, arguments.budget())).count();
  }

  private static Object index(List<?> list, Arguments arguments) {
    Object element = arguments.require(0);
    int from = (int) bound(arguments.whole(1, 0), list.size());
    int to = (int) bound(arguments.whole(2, list.size()), list.size());
    for (int i = from; i < to; i++) {
      if (Comparison.equal(list.get(i), element, arguments.budget())) {
        return (long) i;
      }
    }
    throw new TemplateException(
        "index(): the list does not hold "
            + TemplateException.quote(Literal.of(element, arguments.budget())));
  }

  /** A position that may be counted from the end, brought into a size. */
  static long bound(long position, long size) {
    return Math.max(0, Math.min(position < 0 ? position + size : position, size));
  }

  private static Object bitLength(Number number) {
    if (number instanceof Double) {
      throw new TemplateException("bit_length() needs a whole number");
    }
    return (long) Numbers.big(number).abs().bitLength();
  }
}
