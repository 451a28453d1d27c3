package io.github.moa4j.core.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A filter, test, method or function that the language brings along: its name, its parameters and
 * what it makes of its subject, the value before the bar, the {@code is} or the dot.
 *
 * @param parameters the names of the parameters; null: takes any arguments
 */
record Operation<T>(String name, List<String> parameters, Body<T> body) {

  @FunctionalInterface
  interface Body<T> {
    Object apply(T subject, Arguments arguments);
  }

  /** An operation from its signature, such as {@code join(d, attribute)} or {@code format(*)}. */
  static <T> Operation<T> define(String signature, Body<T> body) {
    int bracket = signature.indexOf('(');
    String name = signature.substring(0, bracket);
    String inside = signature.substring(bracket + 1, signature.length() - 1);
    if (inside.equals("*")) {
      return new Operation<>(name, null, body);
    }
    return new Operation<>(
        name, inside.isEmpty() ? List.of() : List.of(inside.split(", ", -1)), body);
  }

  @SafeVarargs
  static <T> Map<String, Operation<T>> table(Operation<T>... operations) {
    Map<String, Operation<T>> table = new HashMap<>();
    for (Operation<T> operation : operations) {
      table.put(operation.name(), operation);
    }
    return Map.copyOf(table);
  }

  Object apply(T subject, Call call) {
    call.budget().step();
    return body.apply(subject, Arguments.of(name, parameters, call));
  }

  Callable bind(T subject) {
    return call -> apply(subject, call);
  }
}
