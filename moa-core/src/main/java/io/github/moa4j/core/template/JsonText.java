package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values as JSON, as Python's {@code json.dumps} writes them. */
final class JsonText {

  private final String itemSeparator;
  private final String keySeparator;
  private final String indent; // null: on one line
  private final boolean onlyAscii;
  private final boolean sortKeys;
  private final StringBuilder json = new StringBuilder();

  JsonText(
      String itemSeparator,
      String keySeparator,
      String indent,
      boolean onlyAscii,
      boolean sortKeys) {
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.indent = indent;
    this.onlyAscii = onlyAscii;
    this.sortKeys = sortKeys;
  }

  String of(Object value) {
    write(value, 0);
    return json.toString();
  }

  private void write(Object value, int depth) {
    if (value == null) {
      json.append("null");
    } else if (value instanceof Boolean) {
      json.append(value);
    } else if (value instanceof Number) {
      json.append(Values.text(value));
    } else if (value instanceof String text) {
      quote(text);
    } else if (value instanceof List<?> list) {
      writeList(list, depth);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else {
      throw new TemplateException("tojson: a " + Values.type(value) + " has no form in JSON");
    }
  }

  private void writeList(List<?> list, int depth) {
    json.append('[');
    for (int i = 0; i < list.size(); i++) {
      json.append(i == 0 ? "" : itemSeparator);
      newLine(depth + 1);
      write(list.get(i), depth + 1);
    }
    if (!list.isEmpty()) {
      newLine(depth);
    }
    json.append(']');
  }

  private void writeMap(Map<?, ?> map, int depth) {
    List<Object> keys = new ArrayList<>(map.keySet());
    if (sortKeys) {
      keys.sort(Values::compare);
    }
    json.append('{');
    for (int i = 0; i < keys.size(); i++) {
      json.append(i == 0 ? "" : itemSeparator);
      newLine(depth + 1);
      Object key = keys.get(i);
      quote(key instanceof String text ? text : keyText(key));
      json.append(keySeparator);
      write(map.get(key), depth + 1);
    }
    if (!keys.isEmpty()) {
      newLine(depth);
    }
    json.append('}');
  }

  private static String keyText(Object key) {
    if (key == null || key instanceof Boolean || key instanceof Number) {
      return key == null ? "null" : key instanceof Boolean ? key.toString() : Values.text(key);
    }
    throw new TemplateException("tojson: a " + Values.type(key) + " cannot be a key in JSON");
  }

  private void newLine(int depth) {
    if (indent != null) {
      json.append('\n').append(indent.repeat(depth));
    }
  }

  private void quote(String text) {
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
            json.append(String.format("\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
