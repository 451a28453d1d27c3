package io.github.moa4j.core.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** A value whose attributes a template may set, to carry them out of a loop. */
final class Namespace implements Attributes {

  private final Map<String, Object> values = new LinkedHashMap<>();

  Namespace(Map<String, Object> values) {
    this.values.putAll(values);
  }

  void set(String name, Object value) {
    values.put(name, value);
  }

  @Override
  public Object attribute(String name) {
    return values.containsKey(name) ? values.get(name) : new Undefined(name);
  }
}
