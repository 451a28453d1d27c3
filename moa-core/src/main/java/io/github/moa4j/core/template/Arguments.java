package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** The arguments of one call, by position or by name. */
record Arguments(String callee, List<Object> positional, Map<String, Object> named) {

  /** The argument at a position or of a name, or {@code missing}. */
  Object get(int position, String name, Object missing) {
    if (position < positional.size()) {
      return positional.get(position);
    }
    return named.containsKey(name) ? named.get(name) : missing;
  }

  Object require(int position, String name) {
    if (position >= positional.size() && !named.containsKey(name)) {
      throw new TemplateException(callee + " needs the argument '" + name + "'");
    }
    return get(position, name, null);
  }

  /** A text, or {@code missing}. */
  String text(int position, String name, String missing) {
    Object value = get(position, name, missing);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw new TemplateException(
        callee + " needs a text as '" + name + "', found a " + Values.type(value));
  }

  String requireText(int position, String name) {
    require(position, name);
    String text = text(position, name, null);
    if (text == null) {
      throw new TemplateException(callee + " needs a text as '" + name + "', found none");
    }
    return text;
  }

  /** A whole number, or {@code missing}. */
  long whole(int position, String name, long missing) {
    Object value = Values.number(get(position, name, missing));
    if (value instanceof Long number) {
      return number;
    }
    throw new TemplateException(
        callee + " needs a whole number as '" + name + "', found a " + Values.type(value));
  }

  boolean isTrue(int position, String name, boolean missing) {
    return Values.isTrue(get(position, name, missing));
  }
}
