package io.github.moa4j.core.template;

import static io.github.moa4j.core.template.Operation.define;
import static io.github.moa4j.core.template.Operation.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The filters, {@code value | name(arguments)}: all of Jinja's that do not write HTML. */
final class Filters {

  private Filters() {}

  private static final Map<String, Operation<Object>> OF_SINGLE_VALUES =
      table(
          define("abs()", (v, a) -> NumberFilters.abs(v, a.budget())),
          define("int(default, base)", NumberFilters::whole),
          define("float(default)", NumberFilters::real),
          define("round(precision, method)", NumberFilters::round),
          define("filesizeformat(binary)", NumberFilters::fileSize),
          define("default(default_value, boolean)", Filters::orDefault),
          define("d(default_value, boolean)", Filters::orDefault),
          define("attr(name)", (v, a) -> Members.attributeOnly(v, a.requireText(0), a.budget())),
          define("tojson(ensure_ascii, indent, separators, sort_keys)", JsonText::filter),
          define("string()", (v, a) -> Values.text(v, a.budget())),
          define("safe()", (v, a) -> Values.text(v, a.budget())),
          define("escape()", TextFilters::escape),
          define("e()", TextFilters::escape),
          define("forceescape()", TextFilters::escape),
          define("upper()", (v, a) -> Text.upper(TextFilters.copied(v, a))),
          define("lower()", (v, a) -> Text.lower(TextFilters.copied(v, a))),
          define("capitalize()", (v, a) -> Text.capitalize(TextFilters.copied(v, a))),
          define("title()", TextFilters::title),
          define("trim(chars)", TextFilters::trim),
          define("replace(old, new, count)", TextFilters::replace),
          define("indent(width, first, blank)", TextFilters::indent),
          define("center(width)", TextFilters::center),
          define("truncate(length, killwords, end, leeway)", TextFilters::truncate),
          define("wordcount()", TextFilters::wordCount),
          define("urlencode()", TextFilters::urlEncode),
          define("format(*)", TextFilters::format));

  private static final Map<String, Operation<Object>> OF_SEQUENCES =
      table(
          define("length()", (v, a) -> Values.length(v, a.budget())),
          define("count()", (v, a) -> Values.length(v, a.budget())),
          define("list()", SequenceFilters::list),
          define("first()", SequenceFilters::first),
          define("last()", SequenceFilters::last),
          define("reverse()", SequenceFilters::reverse),
          define("join(d, attribute)", SequenceFilters::join),
          define("items()", SequenceFilters::items),
          define("batch(linecount, fill_with)", SequenceFilters::batch),
          define("slice(slices, fill_with)", SequenceFilters::slice),
          define("sum(attribute, start)", SequenceFilters::sum),
          define("map(*)", SequenceFilters::map),
          define("select(*)", (v, a) -> SequenceFilters.select(v, a, false, true)),
          define("reject(*)", (v, a) -> SequenceFilters.select(v, a, false, false)),
          define("selectattr(*)", (v, a) -> SequenceFilters.select(v, a, true, true)),
          define("rejectattr(*)", (v, a) -> SequenceFilters.select(v, a, true, false)),
          define("sort(reverse, case_sensitive, attribute)", OrderFilters::sort),
          define("dictsort(case_sensitive, by, reverse)", OrderFilters::sortMap),
          define("unique(case_sensitive, attribute)", OrderFilters::unique),
          define("min(case_sensitive, attribute)", (v, a) -> OrderFilters.extreme(v, a, -1)),
          define("max(case_sensitive, attribute)", (v, a) -> OrderFilters.extreme(v, a, 1)),
          define("groupby(attribute, default, case_sensitive)", OrderFilters::groupBy));

  private static final Map<String, Operation<Object>> ALL = new HashMap<>(OF_SINGLE_VALUES);

  static {
    ALL.putAll(OF_SEQUENCES);
  }

  static boolean exists(Object name) {
    return ALL.containsKey(name);
  }

  static Object apply(String name, Object value, Call call) {
    Operation<Object> filter = ALL.get(name);
    if (filter == null) {
      throw new TemplateException(
          "the filter '" + TemplateException.quote(name) + "' is not supported");
    }
    return filter.apply(value, call);
  }

  private static Object orDefault(Object value, Arguments arguments) {
    boolean missing =
        value instanceof Undefined || (arguments.isTrue(1, false) && !Values.isTrue(value));
    return missing ? arguments.get(0, "") : value;
  }

  /** The element itself without an attribute; a name with dots goes down step by step. */
  static Object attribute(Object element, Object attribute, Object missing, Budget budget) {
    if (attribute == null) {
      return element;
    }
    List<?> path =
        attribute instanceof String names ? List.of(names.split("\\.", -1)) : List.of(attribute);
    Object value = element;
    for (Object name : path) {
      Object key = name instanceof String text && isPosition(text) ? Long.valueOf(text) : name;
      value = Members.element(value, key, budget);
      if (value instanceof Undefined && missing != null) {
        value = missing;
      }
    }
    return value;
  }

  private static boolean isPosition(String name) {
    return !name.isEmpty()
        && name.length() < 10
        && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
