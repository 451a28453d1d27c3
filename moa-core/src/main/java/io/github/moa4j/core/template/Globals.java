package io.github.moa4j.core.template;

import static io.github.moa4j.core.template.Operation.define;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template can call. */
final class Globals {

  private Globals() {}

  private static final List<Operation<Object>> FUNCTIONS =
      List.of(
          define("range(start, stop, step)", Range::of),
          define("namespace(*)", (s, a) -> new Namespace(entries(a.call()))),
          define("dict(*)", (s, a) -> entries(a.call())),
          define("cycler(*)", (s, a) -> new Cycler(a.call().positional())),
          define("joiner(sep)", (s, a) -> joiner(a.get(0, ", "))),
          define("lipsum(*)", (s, a) -> unsupported()),
          define("raise_exception(message)", Globals::raise));

  /** A scope that holds the functions, for variables to be set in one within it. */
  static Scope scope(Clock clock, Budget budget) {
    Scope scope = Scope.outermost(budget);
    FUNCTIONS.forEach(function -> scope.set(function.name(), function.bind(null)));
    scope.set("self", (Attributes) name -> new Undefined("there is no block '" + name + "'"));
    scope.set(
        "strftime_now",
        define("strftime_now(format)", (s, a) -> DateText.format(a.requireText(0), clock, budget))
            .bind(null));
    return scope;
  }

  private static Map<Object, Object> entries(Call call) {
    if (call.positional().size() > 1) {
      throw new TemplateException("expected a map and arguments by name");
    }
    Map<Object, Object> entries = new LinkedHashMap<>();
    Budget budget = call.budget();
    for (Object value : call.positional()) {
      List<Object> pairs =
          value instanceof Map<?, ?> map
              ? Methods.items(map, budget)
              : Values.elements(value, budget);
      for (Object pair : pairs) {
        List<Object> parts = Values.elements(pair, budget);
        if (parts.size() != 2) {
          throw new TemplateException("expected pairs of a key and a value");
        }
        Keys.put(entries, parts.get(0), parts.get(1), budget);
      }
    }
    budget.elements(2L * call.named().size());
    entries.putAll(call.named());
    return entries;
  }

  private static Object raise(Object subject, Arguments arguments) {
    String message = Values.text(arguments.require(0), arguments.budget());
    throw new TemplateException(
        "the template refuses the messages: " + TemplateException.quote(message));
  }

  private static Object unsupported() {
    throw new TemplateException("the function 'lipsum' is not supported");
  }

  private static Callable joiner(Object separator) {
    boolean[] used = {false};
    return call -> {
      Object text = used[0] ? separator : "";
      used[0] = true;
      return text;
    };
  }

  /** Goes through values again and again. */
  private static final class Cycler implements Attributes {

    private final List<Object> values;
    private int position;

    Cycler(List<Object> values) {
      if (values.isEmpty()) {
        throw new TemplateException("cycler() needs values to go through");
      }
      this.values = values;
    }

    @Override
    public Object attribute(String name) {
      return switch (name) {
        case "current" -> values.get(position);
        case "next" -> (Callable) call -> next();
        case "reset" -> (Callable) call -> reset();
        default -> Undefined.member(this, name);
      };
    }

    private Object next() {
      Object current = values.get(position);
      position = (position + 1) % values.size();
      return current;
    }

    private Object reset() {
      position = 0;
      return null;
    }
  }
}
