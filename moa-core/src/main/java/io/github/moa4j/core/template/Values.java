package io.github.moa4j.core.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What values are to the language: their kind, truth, text and elements. */
final class Values {

  private Values() {}

  /** A Java value as the interpreter's own, copied. */
  static Object from(Object value, Budget budget) {
    budget.step();
    if (value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return Double.valueOf(number.toString());
    }
    if (value instanceof BigInteger number) {
      return Numbers.whole(number);
    }
    if (value instanceof CharSequence text) {
      return text.toString();
    }
    if (value instanceof Map<?, ?> || value instanceof Collection<?>) {
      budget.enter();
      Object copy =
          value instanceof Map<?, ?> map ? copy(map, budget) : copy((Collection<?>) value, budget);
      budget.leave();
      return copy;
    }
    throw new IllegalArgumentException(
        "A template variable must be text, a number, a boolean, a collection, a map or null; turn"
            + " other objects into those, found "
            + value.getClass().getName()
            + (value instanceof BigDecimal ? ", give a double" : ""));
  }

  private static Map<Object, Object> copy(Map<?, ?> map, Budget budget) {
    budget.elements(2L * map.size());
    Map<Object, Object> copy = new LinkedHashMap<>();
    map.forEach(
        (key, element) -> {
          if (key instanceof Map<?, ?> || key instanceof Collection<?>) {
            throw new IllegalArgumentException(
                "A key in a template variable must be text, a number, a boolean or null, found "
                    + key.getClass().getName());
          }
          copy.put(from(key, budget), from(element, budget));
        });
    return copy;
  }

  private static List<Object> copy(Collection<?> elements, Budget budget) {
    budget.elements(elements.size());
    List<Object> copy = new ArrayList<>(elements.size());
    elements.forEach(element -> copy.add(from(element, budget)));
    return copy;
  }

  static boolean isTrue(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return value != null && !(value instanceof Undefined);
  }

  /** The text a value prints as. */
  static String text(Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    }
    return value instanceof Undefined ? "" : Literal.of(value, budget);
  }

  /** Whether the value is a list: not a tuple, a range or a view, which are Java lists too. */
  static boolean isList(Object value) {
    return value instanceof List
        && !(value instanceof Tuple)
        && !(value instanceof Range)
        && !(value instanceof View);
  }

  static boolean isIterable(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Map
        || value instanceof Generator
        || value instanceof Undefined;
  }

  /** The elements a loop over a value visits: a list's, a map's keys, a text's characters. */
  @SuppressWarnings("unchecked") // every list inside is a list of values
  static List<Object> elements(Object value, Budget budget) {
    if (value instanceof List<?> list) {
      budget.steps(list.size());
      return (List<Object>) list;
    }
    if (value instanceof Map<?, ?> map) {
      budget.elements(map.size());
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return Text.characters(text, budget);
    }
    List<Object> elements = new ArrayList<>();
    Iterator<Object> rest = iterator(value, budget);
    budget.elements(0);
    while (rest.hasNext()) {
      budget.steps(4);
      elements.add(rest.next());
    }
    return elements;
  }

  /** As {@link #elements}, but one by one; of a generator, only those that are asked for. */
  static Iterator<Object> iterator(Object value, Budget budget) {
    if (value instanceof Generator generator) {
      return generator.elements();
    }
    if (value instanceof Undefined) {
      return List.of().iterator();
    }
    if (!isIterable(value)) {
      throw new TemplateException("a " + type(value) + " has no elements to go through");
    }
    return elements(value, budget).iterator();
  }

  /** How many elements or characters a value has. */
  static long length(Object value, Budget budget) {
    if (value instanceof String text) {
      budget.scan(text.length());
      return Text.length(text);
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    if (value instanceof Loop loop) {
      return loop.length();
    }
    throw new TemplateException(
        "a "
            + type(value)
            + " has no length"
            + (value instanceof Generator ? "; 'list' makes one of it that has" : ""));
  }

  static String type(Object value) {
    if (value == null) {
      return "none value";
    }
    if (value instanceof Undefined) {
      return "undefined value";
    }
    if (value instanceof Boolean) {
      return "boolean";
    }
    if (value instanceof Number) {
      return "number";
    }
    if (value instanceof String) {
      return "text";
    }
    if (value instanceof List) {
      return value instanceof Tuple ? "tuple" : value instanceof Range ? "range" : "list";
    }
    if (value instanceof Map) {
      return "map";
    }
    if (value instanceof Attributes) {
      return value instanceof Namespace ? "namespace" : "object";
    }
    return value instanceof Generator ? "generator" : "function";
  }

  static TemplateException mismatch(String verb, Object left, Object right) {
    if (left instanceof Undefined undefined) {
      return undefined.error();
    }
    if (right instanceof Undefined undefined) {
      return undefined.error();
    }
    return new TemplateException("cannot " + verb + " a " + type(left) + " and a " + type(right));
  }
}
