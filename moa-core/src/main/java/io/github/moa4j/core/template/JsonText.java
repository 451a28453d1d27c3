package io.github.moa4j.core.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values as JSON, as Python's {@code json.dumps} writes them. */
final class JsonText {

  private final String itemSeparator;
  private final String keySeparator;
  private final String indent; // null: on one line
  private final boolean onlyAscii;
  private final boolean sortKeys;
  private final Budget budget;
  private final StringBuilder json = new StringBuilder();

  private JsonText(Arguments arguments) {
    this.budget = arguments.budget();
    Object width = arguments.get(1, null);
    this.indent =
        width == null || width instanceof String
            ? (String) width
            : (String) Arithmetic.apply("*", " ", arguments.whole(1, 0), budget);
    Object given = arguments.get(2, null);
    List<Object> separators =
        given == null ? List.of(indent == null ? ", " : ",", ": ") : Values.elements(given, budget);
    if (separators.size() != 2) {
      throw new TemplateException("tojson() needs two separators, found " + separators.size());
    }
    this.itemSeparator = Values.text(separators.get(0), budget);
    this.keySeparator = Values.text(separators.get(1), budget);
    this.onlyAscii = arguments.isTrue(0, false);
    this.sortKeys = arguments.isTrue(3, false);
  }

  /** The filter {@code tojson}. */
  static Object filter(Object value, Arguments arguments) {
    JsonText text = new JsonText(arguments);
    text.write(value, 0);
    return text.json.toString();
  }

  private void write(Object value, int depth) {
    if (value instanceof String text) {
      quote(text);
    } else if (Values.isList(value) || value instanceof Tuple) {
      writeList((List<?>) value, depth);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else {
      append(plain(value));
    }
  }

  private String plain(Object value) {
    budget.steps(value instanceof Double ? 200 : 1);
    budget.digits(value instanceof BigInteger number ? number.bitLength() : 0);
    if (value == null) {
      return "null";
    }
    if (value instanceof Double number) {
      return Double.isNaN(number)
          ? "NaN"
          : Double.isInfinite(number)
              ? number > 0 ? "Infinity" : "-Infinity"
              : Numbers.repr(number);
    }
    if (value instanceof Boolean || value instanceof Number) {
      return value.toString();
    }
    throw value instanceof Undefined undefined
        ? undefined.error()
        : new TemplateException("tojson(): a " + Values.type(value) + " has no form in JSON");
  }

  private void append(String piece) {
    budget.text(piece.length());
    json.append(piece);
  }

  private void writeList(List<?> list, int depth) {
    budget.enter();
    append("[");
    for (int i = 0; i < list.size(); i++) {
      append(i == 0 ? "" : itemSeparator);
      newLine(depth + 1);
      write(list.get(i), depth + 1);
    }
    if (!list.isEmpty()) {
      newLine(depth);
    }
    append("]");
    budget.leave();
  }

  private void writeMap(Map<?, ?> map, int depth) {
    budget.enter();
    append("{");
    boolean first = true;
    for (Map.Entry<?, ?> entry : sortKeys ? sorted(map) : map.entrySet()) {
      append(first ? "" : itemSeparator);
      first = false;
      newLine(depth + 1);
      quote(entry.getKey() instanceof String text ? text : keyText(entry.getKey()));
      append(keySeparator);
      write(entry.getValue(), depth + 1);
    }
    if (!map.isEmpty()) {
      newLine(depth);
    }
    append("}");
    budget.leave();
  }

  private Iterable<? extends Map.Entry<?, ?>> sorted(Map<?, ?> map) {
    budget.elements(3L * map.size());
    List<Object> keys = new ArrayList<>(map.keySet());
    keys.sort((x, y) -> Comparison.compare(x, y, budget));
    Map<Object, Object> sorted = new LinkedHashMap<>();
    keys.forEach(key -> sorted.put(key, map.get(key)));
    return sorted.entrySet();
  }

  private String keyText(Object key) {
    if (key instanceof List || key instanceof Undefined) {
      throw new TemplateException("tojson(): a " + Values.type(key) + " cannot be a key in JSON");
    }
    return plain(key);
  }

  private void newLine(int depth) {
    if (indent != null) {
      budget.text(1 + (long) depth * indent.length());
      json.append('\n').append(indent.repeat(depth));
    }
  }

  private void quote(String text) {
    budget.text(2 + text.length());
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c < 0x20 || (onlyAscii && c > 0x7E)) {
            budget.text(6);
            json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
