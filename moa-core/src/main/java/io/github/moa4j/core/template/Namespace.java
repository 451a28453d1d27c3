package io.github.moa4j.core.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** A value whose attributes a template may set, to carry them out of a loop. */
final class Namespace implements Attributes {

  private final Map<String, Object> values = new LinkedHashMap<>();

  Namespace(Map<?, ?> values) {
    values.forEach((name, value) -> this.values.put(String.valueOf(name), value));
  }

  void set(String name, Object value) {
    values.put(name, value);
  }

  Map<String, Object> values() {
    return values;
  }

  @Override
  public Object attribute(String name) {
    Object value = values.get(name);
    return value != null || values.containsKey(name) ? value : Undefined.member(this, name);
  }
}
