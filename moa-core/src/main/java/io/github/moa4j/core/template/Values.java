package io.github.moa4j.core.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What values are to the language: their truth, text, equality, order and elements. */
final class Values {

  private Values() {}

  /** A Java value as the interpreter's own, copied; whole numbers become longs. */
  static Object from(Object value) {
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    if (value instanceof CharSequence text) {
      return text.toString();
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, element) -> copy.put(from(key), from(element)));
      return copy;
    }
    if (value instanceof Iterable<?> elements) {
      List<Object> copy = new ArrayList<>();
      elements.forEach(element -> copy.add(from(element)));
      return copy;
    }
    if (value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double
        || value instanceof Callable) {
      return value;
    }
    throw new IllegalArgumentException(
        "A template variable must be text, a number, a boolean, a list, a map or null, found "
            + value.getClass().getName());
  }

  static boolean isTrue(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
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
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    return value instanceof Undefined ? "" : literal(value);
  }

  /** The text a value has inside a printed list or map. */
  static String literal(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    if (value instanceof Double number) {
      return text(number.doubleValue());
    }
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof List<?> list) {
      StringBuilder text = new StringBuilder("[");
      list.forEach(e -> text.append(text.length() > 1 ? ", " : "").append(literal(e)));
      return text.append(']').toString();
    }
    if (value instanceof Map<?, ?> map) {
      StringBuilder text = new StringBuilder("{");
      map.forEach(
          (key, element) ->
              text.append(text.length() > 1 ? ", " : "")
                  .append(literal(key))
                  .append(": ")
                  .append(literal(element)));
      return text.append('}').toString();
    }
    if (value instanceof Undefined) {
      return "Undefined";
    }
    if (value instanceof Long) {
      return value.toString();
    }
    throw new TemplateException("a " + type(value) + " cannot be printed");
  }

  private static String text(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    double size = Math.abs(number);
    if (number == 0 || (size >= 1e-4 && size < 1e16)) {
      String plain = new BigDecimal(Double.toString(number)).toPlainString();
      return number == 0 ? Double.toString(number) : plain.contains(".") ? plain : plain + ".0";
    }
    String[] parts = Double.toString(number).split("E", -1);
    String mantissa = parts[0].endsWith(".0") ? parts[0].replace(".0", "") : parts[0];
    int exponent = Integer.parseInt(parts[1]);
    return mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static String quoted(String text) {
    char quote = (text.contains("'") && !text.contains("\"")) ? '"' : '\'';
    StringBuilder quoted = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\\' -> quoted.append("\\\\");
                default -> {
                  if (c == quote) {
                    quoted.append('\\').append(quote);
                  } else if (c < 0x20 || c == 0x7F) {
                    quoted.append(String.format("\\x%02x", c));
                  } else {
                    quoted.appendCodePoint(c);
                  }
                }
              }
            });
    return quoted.append(quote).toString();
  }

  static boolean equal(Object left, Object right) {
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Long && b instanceof Long) {
      return a.equals(b);
    }
    if (a instanceof Number x && b instanceof Number y) {
      return x.doubleValue() == y.doubleValue();
    }
    if (left instanceof List<?> x && right instanceof List<?> y) {
      return x.size() == y.size()
          && java.util.stream.IntStream.range(0, x.size()).allMatch(i -> equal(x.get(i), y.get(i)));
    }
    if (left instanceof Map<?, ?> x && right instanceof Map<?, ?> y) {
      return x.size() == y.size()
          && x.keySet().stream().allMatch(k -> y.containsKey(k) && equal(x.get(k), y.get(k)));
    }
    if (left instanceof Undefined) {
      return right instanceof Undefined;
    }
    return left == null ? right == null : left.equals(right);
  }

  /** A boolean counts as 0 or 1, everything else is itself. */
  static Object number(Object value) {
    return value instanceof Boolean truth ? (Object) (truth ? 1L : 0L) : value;
  }

  static int compare(Object left, Object right) {
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Long x && b instanceof Long y) {
      return x.compareTo(y);
    }
    if (a instanceof Number x && b instanceof Number y) {
      return Double.compare(x.doubleValue(), y.doubleValue());
    }
    if (left instanceof String x && right instanceof String y) {
      return x.compareTo(y);
    }
    if (left instanceof List<?> x && right instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        if (!equal(x.get(i), y.get(i))) {
          return compare(x.get(i), y.get(i));
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    throw mismatch("compare", left, right);
  }

  static boolean contains(Object container, Object element) {
    if (container instanceof String text) {
      if (element instanceof String part) {
        return text.contains(part);
      }
      throw mismatch("look for", element, container);
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(element);
    }
    return elements(container).stream().anyMatch(e -> equal(e, element));
  }

  /** The elements a loop over a value visits: a list's, a map's keys, a text's characters. */
  @SuppressWarnings("unchecked") // every list inside is a list of values
  static List<Object> elements(Object value) {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return Text.characters(text);
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("a " + type(value) + " has no elements to go through");
  }

  static String type(Object value) {
    if (value instanceof Undefined) {
      return "undefined value";
    }
    if (value == null) {
      return "none value";
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
      return "list";
    }
    return value instanceof Map ? "map" : value instanceof Callable ? "function" : "object";
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
