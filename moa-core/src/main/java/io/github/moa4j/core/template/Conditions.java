package io.github.moa4j.core.template;

import static io.github.moa4j.core.template.Operation.define;
import static io.github.moa4j.core.template.Operation.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The tests, {@code value is name(argument)}. */
final class Conditions {

  private Conditions() {}

  private static final Map<String, Operation<Object>> OF_KIND =
      table(
          define("defined()", (v, a) -> !(v instanceof Undefined)),
          define("undefined()", (v, a) -> v instanceof Undefined),
          define("none()", (v, a) -> v == null),
          define("boolean()", (v, a) -> v instanceof Boolean),
          define("true()", (v, a) -> Boolean.TRUE.equals(v)),
          define("false()", (v, a) -> Boolean.FALSE.equals(v)),
          define("integer()", (v, a) -> Numbers.isWhole(v)),
          define("float()", (v, a) -> v instanceof Double),
          define("number()", (v, a) -> Numbers.of(v) instanceof Number),
          define("string()", (v, a) -> v instanceof String),
          define("mapping()", (v, a) -> v instanceof Map),
          define("sequence()", (v, a) -> isSequence(v)),
          define("iterable()", (v, a) -> Values.isIterable(v) || v instanceof Loop),
          define("callable()", (v, a) -> v instanceof Callable || v instanceof Undefined),
          define("escaped()", (v, a) -> false),
          define("filter()", (v, a) -> Filters.exists(v)),
          define("test()", (v, a) -> v instanceof String name && exists(name)),
          define("odd()", (v, a) -> remains(v, 2L, 1L, a)),
          define("even()", (v, a) -> remains(v, 2L, 0L, a)),
          define("divisibleby(num)", (v, a) -> remains(v, a.require(0), 0L, a)),
          define("upper()", (v, a) -> Text.isUpper(TextFilters.copied(v, a))),
          define("lower()", (v, a) -> Text.isLower(TextFilters.copied(v, a))),
          define("sameas(other)", (v, a) -> isSame(v, a.require(0))));

  private static final Map<String, Operation<Object>> OF_TWO = new HashMap<>();

  static {
    Map.of(
            "==", List.of("==", "eq", "equalto"),
            "!=", List.of("!=", "ne"),
            "<", List.of("<", "lt", "lessthan"),
            "<=", List.of("<=", "le"),
            ">", List.of(">", "gt", "greaterthan"),
            ">=", List.of(">=", "ge"),
            "in", List.of("in"))
        .forEach(
            (operator, names) ->
                names.forEach(
                    name ->
                        OF_TWO.put(
                            name,
                            define(
                                name + "(other)",
                                (v, a) ->
                                    Comparison.holds(operator, v, a.require(0), a.budget())))));
  }

  private static Operation<Object> find(String name) {
    Operation<Object> condition = OF_KIND.get(name);
    return condition == null ? OF_TWO.get(name) : condition;
  }

  static boolean exists(String name) {
    return find(name) != null;
  }

  static boolean test(String name, Object value, Call call) {
    Operation<Object> condition = find(name);
    if (condition == null) {
      throw new TemplateException(
          "the test '" + TemplateException.quote(name) + "' is not supported");
    }
    return (boolean) condition.apply(value, call);
  }

  private static boolean isSequence(Object value) {
    return Values.isIterable(value) && !(value instanceof Generator) && !(value instanceof View);
  }

  private static boolean remains(Object value, Object divisor, Object rest, Arguments arguments) {
    Budget budget = arguments.budget();
    return Comparison.equal(Arithmetic.apply("%", value, divisor, budget), rest, budget);
  }

  private static boolean isSame(Object value, Object other) {
    boolean simple = value == null || value instanceof Boolean || value instanceof Number;
    return simple ? Objects.equals(value, other) : value == other;
  }
}
