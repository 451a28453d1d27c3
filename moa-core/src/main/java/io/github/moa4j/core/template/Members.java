package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@code value.name}, {@code value[key]} and {@code value[from:to:step]} give. */
final class Members {

  private Members() {}

  /** {@code value.name}: an attribute or method first, then a key of that name. */
  static Object attribute(Object value, String name) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Attributes attributes) {
      return attributes.attribute(name);
    }
    Callable method = Methods.find(value, name);
    if (method != null) {
      return method;
    }
    return value instanceof Map<?, ?> map && map.containsKey(name)
        ? map.get(name)
        : new Undefined(name);
  }

  /** {@code value[key]}: an element first, then an attribute or method of that name. */
  static Object element(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Map<?, ?> map && map.containsKey(key)) {
      return map.get(key);
    }
    if (Values.number(key) instanceof Long index && !(value instanceof Map)) {
      List<Object> elements =
          value instanceof List || value instanceof String ? Values.elements(value) : List.of();
      long at = index < 0 ? index + elements.size() : index;
      return at >= 0 && at < elements.size()
          ? elements.get((int) at)
          : new Undefined("element " + index);
    }
    return key instanceof String name ? attribute(value, name) : new Undefined(Values.text(key));
  }

  /** {@code value[from:to:step]}; none stands for what is left out. */
  static Object slice(Object value, Object from, Object to, Object step) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (!(value instanceof List) && !(value instanceof String)) {
      throw new TemplateException("a " + Values.type(value) + " cannot be sliced");
    }
    List<Object> elements = Values.elements(value);
    long stride = step == null ? 1 : whole(step);
    if (stride == 0) {
      throw new TemplateException("the step of a slice must not be 0");
    }
    int size = elements.size();
    boolean forward = stride > 0;
    long begin = bound(from, forward ? 0 : size - 1, size, forward);
    long end = bound(to, forward ? size : -1, size, forward);
    List<Object> slice = new ArrayList<>();
    for (long i = begin; forward ? i < end : i > end; i += stride) {
      slice.add(elements.get((int) i));
    }
    return value instanceof String ? joined(slice) : slice;
  }

  private static long bound(Object value, long missing, int size, boolean forward) {
    if (value == null) {
      return missing;
    }
    long bound = whole(value);
    bound = bound < 0 ? bound + size : bound;
    return forward ? Math.max(0, Math.min(bound, size)) : Math.max(-1, Math.min(bound, size - 1));
  }

  private static long whole(Object value) {
    if (Values.number(value) instanceof Long number) {
      return Math.max(-(1L << 32), Math.min(number, 1L << 32));
    }
    throw new TemplateException(
        "the bounds of a slice must be whole numbers, found a " + Values.type(value));
  }

  private static String joined(List<Object> characters) {
    StringBuilder text = new StringBuilder();
    characters.forEach(text::append);
    return text.toString();
  }
}
