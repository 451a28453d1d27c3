package io.github.moa4j.core.template;

import java.util.HashMap;
import java.util.Map;

/** The variables in sight: a loop, macro or block has a scope of its own within the outer one. */
final class Scope {

  private final Scope outer;
  private final Budget budget;
  private final Map<String, Object> variables = new HashMap<>();

  private Scope(Scope outer, Budget budget) {
    this.outer = outer;
    this.budget = budget;
  }

  /** The outermost scope of one rendering. */
  static Scope outermost(Budget budget) {
    return new Scope(null, budget);
  }

  /** A scope within this one. */
  Scope inner() {
    return new Scope(this, budget);
  }

  Budget budget() {
    return budget;
  }

  Object get(String name) {
    budget.step();
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.variables.get(name);
      if (value != null || scope.variables.containsKey(name)) {
        return value;
      }
    }
    return Undefined.name(name);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}
