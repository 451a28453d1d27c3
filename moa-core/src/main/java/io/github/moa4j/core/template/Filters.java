package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** The filters, {@code value | name(arguments)}: Jinja's, as far as chat templates use them. */
final class Filters {

  private Filters() {}

  private interface Filter {
    Object apply(Object value, Arguments arguments);
  }

  static Object apply(
      String name, Object value, List<Object> positional, Map<String, Object> named) {
    Filter filter = ALL.get(name);
    if (filter == null) {
      throw new TemplateException("the filter '" + name + "' is not supported");
    }
    return filter.apply(value, new Arguments("the filter '" + name + "'", positional, named));
  }

  private static final Map<String, Filter> ALL =
      Map.ofEntries(
          Map.entry("trim", (v, a) -> Text.strip(Values.text(v), a.text(0, "chars", null))),
          Map.entry("length", (v, a) -> length(v)),
          Map.entry("count", (v, a) -> length(v)),
          Map.entry("upper", (v, a) -> Values.text(v).toUpperCase(Locale.ROOT)),
          Map.entry("lower", (v, a) -> Values.text(v).toLowerCase(Locale.ROOT)),
          Map.entry("title", (v, a) -> Text.title(Values.text(v))),
          Map.entry("capitalize", (v, a) -> Text.capitalize(Values.text(v))),
          Map.entry("replace", (v, a) -> Methods.replace(Values.text(v), a)),
          Map.entry("string", (v, a) -> Values.text(v)),
          Map.entry("safe", (v, a) -> Values.text(v)),
          Map.entry("escape", (v, a) -> escape(Values.text(v))),
          Map.entry("e", (v, a) -> escape(Values.text(v))),
          Map.entry("indent", Filters::indent),
          Map.entry("int", (v, a) -> whole(v, a)),
          Map.entry("float", (v, a) -> real(v, a)),
          Map.entry("abs", (v, a) -> Values.compare(v, 0L) < 0 ? Arithmetic.negate(v) : v),
          Map.entry("default", Filters::orDefault),
          Map.entry("d", Filters::orDefault),
          Map.entry("list", (v, a) -> new ArrayList<>(Values.elements(v))),
          Map.entry("first", (v, a) -> at(Values.elements(v), true)),
          Map.entry("last", (v, a) -> at(Values.elements(v), false)),
          Map.entry("reverse", (v, a) -> reverse(v)),
          Map.entry("join", Filters::join),
          Map.entry("items", (v, a) -> v instanceof Map<?, ?> m ? Methods.items(m) : pairs(v)),
          Map.entry("dictsort", Filters::sortMap),
          Map.entry("sort", Filters::sort),
          Map.entry("unique", (v, a) -> unique(Values.elements(v), attribute(a, 1))),
          Map.entry("sum", Filters::sum),
          Map.entry("min", (v, a) -> extreme(v, a, false)),
          Map.entry("max", (v, a) -> extreme(v, a, true)),
          Map.entry("map", Filters::map),
          Map.entry("select", (v, a) -> select(v, condition(a, 0))),
          Map.entry("reject", (v, a) -> select(v, condition(a, 0).negate())),
          Map.entry("selectattr", (v, a) -> select(v, attributeCondition(a))),
          Map.entry("rejectattr", (v, a) -> select(v, attributeCondition(a).negate())),
          Map.entry("tojson", Filters::toJson));

  private static Object length(Object value) {
    if (value instanceof String text) {
      return Text.length(text);
    }
    return (long) Values.elements(value).size();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  private static Object indent(Object value, Arguments arguments) {
    Object width = arguments.get(0, "width", 4L);
    String indentation =
        width instanceof String text
            ? text
            : " ".repeat((int) Math.min(1000, Math.max(0, arguments.whole(0, "width", 4))));
    boolean blank = arguments.isTrue(2, "blank", false);
    StringBuilder indented = new StringBuilder();
    List<String> lines = (Values.text(value) + "\n").lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      boolean indents =
          i > 0 ? blank || !lines.get(i).isEmpty() : arguments.isTrue(1, "first", false);
      indented.append(i > 0 ? "\n" : "").append(indents ? indentation : "").append(lines.get(i));
    }
    return indented.toString();
  }

  private static Object whole(Object value, Arguments arguments) {
    if (Values.number(value) instanceof Number number) {
      return number.longValue();
    }
    String text = Text.strip(Values.text(value), null);
    if (text.matches("[+-]?\\d{1,18}")) {
      return Long.valueOf(text);
    }
    return real(value, new Arguments("", List.of(), Map.of("default", Double.NaN)))
                instanceof Double number
            && !number.isNaN()
        ? (Object) number.longValue()
        : arguments.get(0, "default", 0L);
  }

  private static Object real(Object value, Arguments arguments) {
    if (Values.number(value) instanceof Number number) {
      return number.doubleValue();
    }
    String text = Text.strip(Values.text(value), null);
    return text.matches("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?")
        ? (Object) Double.valueOf(text)
        : arguments.get(0, "default", 0.0);
  }

  private static Object orDefault(Object value, Arguments arguments) {
    boolean missing =
        value instanceof Undefined
            || (arguments.isTrue(1, "boolean", false) && !Values.isTrue(value));
    return missing ? arguments.get(0, "default_value", "") : value;
  }

  private static Object at(List<Object> elements, boolean first) {
    if (elements.isEmpty()) {
      return new Undefined(first ? "the first element" : "the last element");
    }
    return elements.get(first ? 0 : elements.size() - 1);
  }

  private static Object reverse(Object value) {
    List<Object> elements = new ArrayList<>(Values.elements(value));
    Collections.reverse(elements);
    return value instanceof String ? Methods.join("", elements) : elements;
  }

  private static Object join(Object value, Arguments arguments) {
    Object attribute = attribute(arguments, 1);
    List<Object> parts =
        Values.elements(value).stream().map(element -> attributeOf(element, attribute)).toList();
    return Methods.join(Values.text(arguments.get(0, "d", "")), parts);
  }

  private static List<Object> pairs(Object value) {
    if (value instanceof Map<?, ?> map) {
      return Methods.items(map);
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("a " + Values.type(value) + " has no keys and values");
  }

  private static Object sort(Object value, Arguments arguments) {
    boolean reverse = arguments.isTrue(0, "reverse", false);
    boolean byCase = arguments.isTrue(1, "case_sensitive", false);
    return sorted(Values.elements(value), attribute(arguments, 2), byCase, reverse);
  }

  private static Object sortMap(Object value, Arguments arguments) {
    boolean byCase = arguments.isTrue(0, "case_sensitive", false);
    long part = arguments.text(1, "by", "key").equals("value") ? 1 : 0;
    return sorted(pairs(value), part, byCase, arguments.isTrue(2, "reverse", false));
  }

  private static List<Object> sorted(
      List<Object> elements, Object attribute, boolean byCase, boolean reverse) {
    Comparator<Object> order =
        (x, y) -> Values.compare(key(x, attribute, byCase), key(y, attribute, byCase));
    List<Object> sorted = new ArrayList<>(elements);
    sorted.sort(reverse ? order.reversed() : order);
    return sorted;
  }

  private static Object key(Object element, Object attribute, boolean byCase) {
    Object key = attributeOf(element, attribute);
    return key instanceof String text && !byCase ? text.toLowerCase(Locale.ROOT) : key;
  }

  private static Object unique(List<Object> elements, Object attribute) {
    List<Object> keys = new ArrayList<>();
    List<Object> unique = new ArrayList<>();
    for (Object element : elements) {
      Object key = key(element, attribute, false);
      if (keys.stream().noneMatch(seen -> Values.equal(seen, key))) {
        keys.add(key);
        unique.add(element);
      }
    }
    return unique;
  }

  private static Object sum(Object value, Arguments arguments) {
    Object sum = arguments.get(1, "start", 0L);
    for (Object element : Values.elements(value)) {
      sum = Arithmetic.apply("+", sum, attributeOf(element, attribute(arguments, 0)));
    }
    return sum;
  }

  private static Object extreme(Object value, Arguments arguments, boolean largest) {
    Object attribute = attribute(arguments, 1);
    List<Object> sorted = sorted(Values.elements(value), attribute, false, false);
    return at(sorted, !largest);
  }

  private static Object map(Object value, Arguments arguments) {
    Object attribute = arguments.named().get("attribute");
    if (attribute != null) {
      return Values.elements(value).stream()
          .map(element -> attributeOf(element, attribute))
          .map(e -> e instanceof Undefined ? arguments.named().getOrDefault("default", e) : e)
          .toList();
    }
    String name = arguments.requireText(0, "name");
    List<Object> rest = arguments.positional().subList(1, arguments.positional().size());
    List<Object> mapped = new ArrayList<>();
    Values.elements(value).forEach(e -> mapped.add(apply(name, e, rest, arguments.named())));
    return mapped;
  }

  private static Object select(Object value, Predicate<Object> condition) {
    return new ArrayList<>(Values.elements(value).stream().filter(condition).toList());
  }

  /** The test named by an argument, applied with the arguments behind it; without one, truth. */
  private static Predicate<Object> condition(Arguments arguments, int position) {
    List<Object> positional = arguments.positional();
    if (positional.size() <= position) {
      return Values::isTrue;
    }
    String name = arguments.requireText(position, "test");
    List<Object> rest = positional.subList(position + 1, positional.size());
    return element -> Conditions.test(name, element, rest);
  }

  private static Predicate<Object> attributeCondition(Arguments arguments) {
    Object attribute = arguments.require(0, "attribute");
    Predicate<Object> condition = condition(arguments, 1);
    return element -> condition.test(attributeOf(element, attribute));
  }

  private static Object attribute(Arguments arguments, int position) {
    return arguments.get(position, "attribute", null);
  }

  /** The element itself without an attribute; a name with dots goes down step by step. */
  private static Object attributeOf(Object element, Object attribute) {
    if (attribute == null) {
      return element;
    }
    if (!(attribute instanceof String path)) {
      return Members.element(element, attribute);
    }
    Object value = element;
    for (String name : path.split("\\.", -1)) {
      value = Members.element(value, name.matches("\\d{1,9}") ? (Object) Long.valueOf(name) : name);
    }
    return value;
  }

  private static Object toJson(Object value, Arguments arguments) {
    Object indent = arguments.get(1, "indent", null);
    String indentation =
        indent == null || indent instanceof String
            ? (String) indent
            : " ".repeat((int) Math.min(16, Math.max(0, arguments.whole(1, "indent", 0))));
    Object given = arguments.get(2, "separators", null);
    List<Object> separators =
        given == null ? List.of(indentation == null ? ", " : ",", ": ") : Values.elements(given);
    if (separators.size() != 2) {
      throw new TemplateException("tojson needs two separators, found " + separators.size());
    }
    return new JsonText(
            Values.text(separators.get(0)),
            Values.text(separators.get(1)),
            indentation,
            arguments.isTrue(0, "ensure_ascii", false),
            arguments.isTrue(3, "sort_keys", false))
        .of(value);
  }
}
