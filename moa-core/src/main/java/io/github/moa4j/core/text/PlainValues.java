package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values as JSON has them: texts, numbers, booleans, null, and lists and maps of them. */
final class PlainValues {

  private static final int DEEPEST = 100;

  private PlainValues() {}

  /** An unmodifiable copy; {@code what} names the map in errors. */
  static Map<String, Object> copy(Map<String, ?> values, String what) {
    return copyMap(values, what, 0);
  }

  /** Unmodifiable copies; {@code what} names the list in errors. */
  static List<Map<String, Object>> copy(List<? extends Map<String, ?>> values, String what) {
    return values.stream().map(value -> copy(value, what)).toList();
  }

  /** Parses JSON text of any kind. */
  static Object parse(String json, String what) {
    return Json.value(json, what, MoaException::new);
  }

  /** Parses JSON text that spells an array of objects. */
  static List<Map<String, Object>> parseObjects(String json, String what) {
    List<Map<String, Object>> objects = new ArrayList<>();
    Object parsed = parse(json, what);
    for (Object element : parsed instanceof List<?> list ? list : Collections.singletonList(0)) {
      if (!(element instanceof Map<?, ?> object)) {
        throw new MoaException(
            what + ": expected a JSON array of objects, found " + Failure.quote(json));
      }
      objects.add(copyMap(object, what, 0));
    }
    return Collections.unmodifiableList(objects);
  }

  private static Map<String, Object> copyMap(Map<?, ?> map, String what, int depth) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            throw new IllegalArgumentException(what + ": the key " + key + " is not a text");
          }
          copy.put(name, copyValue(value, what, depth + 1));
        });
    return Collections.unmodifiableMap(copy);
  }

  private static Object copyValue(Object given, String what, int depth) {
    Object value = Json.withoutNode(given, what, MoaException::new);
    if (depth > DEEPEST) {
      throw new MoaException(what + ": nested more than " + DEEPEST + " levels deep");
    }
    if (value instanceof Map<?, ?> map) {
      return copyMap(map, what, depth);
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(element -> copy.add(copyValue(element, what, depth + 1)));
      return Collections.unmodifiableList(copy);
    }
    if (value instanceof CharSequence text) {
      return text.toString();
    }
    if (value instanceof Number number) {
      return copyNumber(number, what);
    }
    if (value == null || value instanceof Boolean) {
      return value;
    }
    throw new IllegalArgumentException(
        what
            + ": expected texts, numbers, booleans, null, lists and maps, found a "
            + value.getClass().getName());
  }

  /** Whole numbers become longs and others doubles, so that equal values are equal. */
  private static Number copyNumber(Number number, String what) {
    if (number instanceof Double || number instanceof Float || number instanceof BigDecimal) {
      double value = number.doubleValue();
      if (!Double.isFinite(value)) {
        throw new MoaException(what + ": the number " + value + " has no form in JSON");
      }
      return value;
    }
    if (number instanceof BigInteger large && large.bitLength() > 63) {
      throw new MoaException(
          what + ": the number " + Failure.quote(large.toString()) + " is beyond 64 bits");
    }
    return number.longValue();
  }
}
