package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The filters that compare elements with one another. */
final class OrderFilters {

  private OrderFilters() {}

  private record Keyed(Object key, Object element) {}

  static Object sort(Object value, Arguments arguments) {
    boolean byCase = arguments.isTrue(1, false);
    Object attribute = arguments.get(2, null);
    List<?> attributes =
        attribute instanceof String names && names.contains(",")
            ? List.of(names.split(",", -1))
            : null;
    List<Keyed> keyed = new ArrayList<>();
    for (Object element : Values.elements(value, arguments.budget())) {
      if (attributes == null) {
        keyed.add(new Keyed(key(element, attribute, byCase, arguments.budget()), element));
      } else {
        List<Object> keys = new ArrayList<>();
        attributes.forEach(a -> keys.add(key(element, a, byCase, arguments.budget())));
        keyed.add(new Keyed(keys, element));
      }
    }
    return sorted(keyed, arguments.isTrue(0, false), arguments.budget());
  }

  static Object sortMap(Object value, Arguments arguments) {
    boolean byCase = arguments.isTrue(0, false);
    String by = arguments.text(1, "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateException("dictsort() sorts by 'key' or by 'value'");
    }
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    List<Keyed> keyed = new ArrayList<>();
    for (Object entry : SequenceFilters.entries(value, arguments.budget())) {
      Object key = ((Tuple) entry).get(by.equals("value") ? 1 : 0);
      keyed.add(new Keyed(byCase ? key : lower(key, arguments.budget()), entry));
    }
    return sorted(keyed, arguments.isTrue(2, false), arguments.budget());
  }

  private static List<Object> sorted(List<Keyed> keyed, boolean reverse, Budget budget) {
    budget.elements(2L * keyed.size());
    Comparator<Keyed> order = (x, y) -> Comparison.compare(x.key(), y.key(), budget);
    try {
      keyed.sort(reverse ? order.reversed() : order);
    } catch (IllegalArgumentException e) {
      // The order of numbers is none where one of them is not a number: they stay as they are.
    }
    List<Object> sorted = new ArrayList<>(keyed.size());
    keyed.forEach(k -> sorted.add(k.element()));
    return sorted;
  }

  private static Object key(Object element, Object attribute, boolean byCase, Budget budget) {
    Object key = Filters.attribute(element, attribute, null, budget);
    return byCase ? key : lower(key, budget);
  }

  private static Object lower(Object key, Budget budget) {
    if (key instanceof String text) {
      budget.text(text.length());
      return Text.lower(text);
    }
    return key;
  }

  static Object unique(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    boolean byCase = arguments.isTrue(0, false);
    Map<Object, Object> seen = new HashMap<>();
    List<Object> unique = new ArrayList<>();
    for (Object element : Values.elements(value, budget)) {
      Object key = key(element, arguments.get(1, null), byCase, budget);
      if (!seen.containsKey(Keys.find(seen, key, budget))) {
        budget.elements(4);
        seen.put(key, element);
        unique.add(element);
      }
    }
    return new Generator(unique.iterator());
  }

  /** The first of the smallest or, with a positive sign, of the largest elements. */
  static Object extreme(Object value, Arguments arguments, int sign) {
    Budget budget = arguments.budget();
    boolean byCase = arguments.isTrue(0, false);
    Keyed best = null;
    for (Object element : Values.elements(value, budget)) {
      Object key = key(element, arguments.get(1, null), byCase, budget);
      if (best == null || sign * Comparison.compare(key, best.key(), budget) > 0) {
        best = new Keyed(key, element);
      }
    }
    return best == null ? new Undefined("there is no element to choose from") : best.element();
  }

  static Object groupBy(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    Object attribute = arguments.require(0);
    Object missing = arguments.get(1, null);
    boolean byCase = arguments.isTrue(2, false);
    List<Keyed> keyed = new ArrayList<>();
    for (Object element : Values.elements(value, budget)) {
      Object key = Filters.attribute(element, attribute, missing, budget);
      keyed.add(new Keyed(byCase ? key : lower(key, budget), element));
    }
    sorted(keyed, false, budget);
    List<Object> groups = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    for (int i = 0; i < keyed.size(); i++) {
      budget.elements(1);
      group.add(keyed.get(i).element());
      boolean ends =
          i + 1 == keyed.size()
              || !Comparison.equal(keyed.get(i).key(), keyed.get(i + 1).key(), budget);
      if (ends) {
        Object name = Filters.attribute(group.get(0), attribute, missing, budget);
        groups.add(new Tuple(java.util.Arrays.asList(name, group), List.of("grouper", "list")));
        group = new ArrayList<>();
      }
    }
    return groups;
  }
}
