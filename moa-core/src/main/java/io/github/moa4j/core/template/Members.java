package io.github.moa4j.core.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@code value.name}, {@code value[key]} and {@code value[from:to:step]} give. */
final class Members {

  private Members() {}

  /** {@code value.name}: an attribute or method first, then a key of that name. */
  static Object attribute(Object value, String name, Budget budget) {
    Object attribute = attributeOnly(value, name, budget);
    return attribute instanceof Undefined && value instanceof Map<?, ?> map && map.containsKey(name)
        ? map.get(name)
        : attribute;
  }

  /** An attribute or method. */
  static Object attributeOnly(Object value, String name, Budget budget) {
    budget.step();
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Attributes attributes) {
      return attributes.attribute(name);
    }
    if (value instanceof Tuple tuple && tuple.names().contains(name)) {
      return tuple.get(tuple.names().indexOf(name));
    }
    Callable method = Methods.find(value, name);
    return method != null
        ? method
        : Methods.isUnsupported(value, name)
            ? new Undefined(
                "the method '" + name + "' of a " + Values.type(value) + " is not supported")
            : Undefined.member(value, name);
  }

  /** {@code value[key]}: an element first, then an attribute or method of that name. */
  static Object element(Object value, Object key, Budget budget) {
    budget.step();
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Map<?, ?> map && !(key instanceof List && !(key instanceof Tuple))) {
      Object found = key instanceof Map ? key : Keys.find(map, key, budget);
      if (map.containsKey(found)) {
        return map.get(found);
      }
    } else if (Numbers.of(key) instanceof Long index) {
      Object element = position(value, index, budget);
      if (element != null) {
        return ((Object[]) element)[0];
      }
    }
    return key instanceof String name
        ? attributeOnly(value, name, budget)
        : Undefined.member(value, key);
  }

  /** The element at a position, in an array as it may be none; null if there is none. */
  private static Object position(Object value, long index, Budget budget) {
    if (!isSequence(value)) {
      return null;
    }
    long size = Values.length(value, budget);
    long at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
      return null;
    }
    if (value instanceof List<?> list) {
      return new Object[] {list.get((int) at)};
    }
    String text = (String) value;
    return new Object[] {
      Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)))
    };
  }

  private static boolean isSequence(Object value) {
    return value instanceof String || (value instanceof List && !(value instanceof View));
  }

  /** {@code value[from:to:step]}; none stands for what is left out. */
  static Object slice(Object value, Object from, Object to, Object step, Budget budget) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (!isSequence(value)) {
      throw new TemplateException("a " + Values.type(value) + " cannot be sliced");
    }
    long stride = step == null ? 1 : whole(step);
    if (stride == 0) {
      throw new TemplateException("the step of a slice must not be 0");
    }
    int size = (int) Values.length(value, budget);
    boolean forward = stride > 0;
    long begin = bound(from, forward ? 0 : size - 1, size, forward);
    long end = bound(to, forward ? size : -1, size, forward);
    if (value instanceof String text) {
      return slice(text, begin, end, stride, budget);
    }
    if (value instanceof Range range) {
      return range.slice(begin, end, stride);
    }
    List<?> elements = (List<?>) value;
    budget.elements(Math.max(0, (end - begin) / stride));
    List<Object> slice = new ArrayList<>();
    for (long i = begin; forward ? i < end : i > end; i += stride) {
      slice.add(elements.get((int) i));
    }
    return value instanceof Tuple ? new Tuple(slice) : slice;
  }

  private static String slice(String text, long begin, long end, long stride, Budget budget) {
    if (stride == 1) {
      if (begin >= end) {
        return "";
      }
      int from = text.offsetByCodePoints(0, (int) begin);
      return budget.made(text.substring(from, text.offsetByCodePoints(from, (int) (end - begin))));
    }
    budget.text(2L * text.length());
    int[] characters = text.codePoints().toArray();
    StringBuilder slice = new StringBuilder();
    for (long i = begin; stride > 0 ? i < end : i > end; i += stride) {
      slice.appendCodePoint(characters[(int) i]);
    }
    return slice.toString();
  }

  private static long bound(Object value, long missing, int size, boolean forward) {
    if (value == null) {
      return missing;
    }
    long bound = whole(value);
    bound = bound < 0 ? bound + size : bound;
    return forward ? Math.max(0, Math.min(bound, size)) : Math.max(-1, Math.min(bound, size - 1));
  }

  /** A whole number, at most some billions, which is beyond every list. */
  private static long whole(Object value) {
    Object number = Numbers.of(value);
    if (number instanceof Long whole) {
      return Math.max(-(1L << 32), Math.min(whole, 1L << 32));
    }
    if (number instanceof BigInteger whole) {
      return whole.signum() * (1L << 32);
    }
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    throw new TemplateException(
        "the bounds of a slice must be whole numbers, found a " + Values.type(value));
  }
}
