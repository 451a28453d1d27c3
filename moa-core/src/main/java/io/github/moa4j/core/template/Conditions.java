package io.github.moa4j.core.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tests, {@code value is name(argument)}. */
final class Conditions {

  private Conditions() {}

  private interface Condition {
    boolean test(Object value, List<Object> arguments);
  }

  static boolean test(String name, Object value, List<Object> arguments) {
    Condition condition = ALL.get(name);
    if (condition == null) {
      throw new TemplateException("the test '" + name + "' is not supported");
    }
    return condition.test(value, arguments);
  }

  private static final Map<String, Condition> ALL =
      Map.ofEntries(
          Map.entry("defined", (v, a) -> !(v instanceof Undefined)),
          Map.entry("undefined", (v, a) -> v instanceof Undefined),
          Map.entry("none", (v, a) -> v == null),
          Map.entry("boolean", (v, a) -> v instanceof Boolean),
          Map.entry("true", (v, a) -> Boolean.TRUE.equals(v)),
          Map.entry("false", (v, a) -> Boolean.FALSE.equals(v)),
          Map.entry("integer", (v, a) -> v instanceof Long),
          Map.entry("float", (v, a) -> v instanceof Double),
          Map.entry("number", (v, a) -> Values.number(v) instanceof Number),
          Map.entry("string", (v, a) -> v instanceof String),
          Map.entry("mapping", (v, a) -> v instanceof Map),
          Map.entry("sequence", (v, a) -> isIterable(v)),
          Map.entry("iterable", (v, a) -> isIterable(v)),
          Map.entry("callable", (v, a) -> v instanceof Callable),
          Map.entry("odd", (v, a) -> Values.equal(Arithmetic.apply("%", v, 2L), 1L)),
          Map.entry("even", (v, a) -> Values.equal(Arithmetic.apply("%", v, 2L), 0L)),
          Map.entry(
              "divisibleby", (v, a) -> Values.equal(Arithmetic.apply("%", v, argument(a)), 0L)),
          Map.entry("upper", (v, a) -> isCase(v, Values.text(v).toUpperCase(Locale.ROOT))),
          Map.entry("lower", (v, a) -> isCase(v, Values.text(v).toLowerCase(Locale.ROOT))),
          Map.entry("in", (v, a) -> Values.contains(argument(a), v)),
          Map.entry("sameas", (v, a) -> isSame(v, argument(a))),
          Map.entry("==", (v, a) -> Values.equal(v, argument(a))),
          Map.entry("eq", (v, a) -> Values.equal(v, argument(a))),
          Map.entry("equalto", (v, a) -> Values.equal(v, argument(a))),
          Map.entry("!=", (v, a) -> !Values.equal(v, argument(a))),
          Map.entry("ne", (v, a) -> !Values.equal(v, argument(a))),
          Map.entry(">", (v, a) -> Values.compare(v, argument(a)) > 0),
          Map.entry("gt", (v, a) -> Values.compare(v, argument(a)) > 0),
          Map.entry("greaterthan", (v, a) -> Values.compare(v, argument(a)) > 0),
          Map.entry(">=", (v, a) -> Values.compare(v, argument(a)) >= 0),
          Map.entry("ge", (v, a) -> Values.compare(v, argument(a)) >= 0),
          Map.entry("<", (v, a) -> Values.compare(v, argument(a)) < 0),
          Map.entry("lt", (v, a) -> Values.compare(v, argument(a)) < 0),
          Map.entry("lessthan", (v, a) -> Values.compare(v, argument(a)) < 0),
          Map.entry("<=", (v, a) -> Values.compare(v, argument(a)) <= 0),
          Map.entry("le", (v, a) -> Values.compare(v, argument(a)) <= 0));

  private static boolean isIterable(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean isSame(Object value, Object other) {
    boolean simple = value == null || value instanceof Boolean || value instanceof Number;
    return simple ? java.util.Objects.equals(value, other) : value == other;
  }

  private static boolean isCase(Object value, String converted) {
    String text = Values.text(value);
    return text.equals(converted)
        && !text.toUpperCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT));
  }

  private static Object argument(List<Object> arguments) {
    if (arguments.isEmpty()) {
      throw new TemplateException("the test needs an argument");
    }
    return arguments.get(0);
  }
}
