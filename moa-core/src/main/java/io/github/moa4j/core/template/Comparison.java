package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** Equality, order and membership of values. */
final class Comparison {

  private Comparison() {}

  static boolean holds(String operator, Object left, Object right, Budget budget) {
    budget.step();
    return switch (operator) {
      case "==" -> equal(left, right, budget);
      case "!=" -> !equal(left, right, budget);
      case "in" -> contains(right, left, budget);
      case "not in" -> !contains(right, left, budget);
      case "<" -> ordered(left, right) && compare(left, right, budget) < 0;
      case "<=" -> ordered(left, right) && compare(left, right, budget) <= 0;
      case ">" -> ordered(left, right) && compare(left, right, budget) > 0;
      default -> ordered(left, right) && compare(left, right, budget) >= 0;
    };
  }

  /** False where one is not a number (NaN): nothing holds of it, not even that it is equal. */
  private static boolean ordered(Object left, Object right) {
    boolean numbers = Numbers.of(left) instanceof Number && Numbers.of(right) instanceof Number;
    return !numbers || (!isNan(left) && !isNan(right));
  }

  private static boolean isNan(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  static boolean equal(Object left, Object right, Budget budget) {
    budget.step();
    if (Numbers.of(left) instanceof Number a && Numbers.of(right) instanceof Number b) {
      return !isNan(left) && !isNan(right) && Numbers.compare(a, b) == 0;
    }
    if (left instanceof String x && right instanceof String y) {
      budget.scan(x.length() == y.length() ? x.length() : 0);
      return x.equals(y);
    }
    if (left instanceof List<?> x && right instanceof List<?> y) {
      return sameKind(left, right) && equalLists(x, y, budget);
    }
    if (left instanceof Map<?, ?> x && right instanceof Map<?, ?> y) {
      return equalMaps(x, y, budget);
    }
    return left instanceof Undefined
        ? right instanceof Undefined
        : left == null ? right == null : left.equals(right);
  }

  private static boolean sameKind(Object left, Object right) {
    return Values.isList(left) ? Values.isList(right) : left.getClass() == right.getClass();
  }

  private static boolean equalLists(List<?> left, List<?> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    budget.enter();
    boolean equal = true;
    for (int i = 0; equal && i < left.size(); i++) {
      equal = equal(left.get(i), right.get(i), budget);
    }
    budget.leave();
    return equal;
  }

  private static boolean equalMaps(Map<?, ?> left, Map<?, ?> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    budget.enter();
    boolean equal = true;
    for (Map.Entry<?, ?> entry : left.entrySet()) {
      Object key = Keys.find(right, entry.getKey(), budget);
      equal = right.containsKey(key) && equal(entry.getValue(), right.get(key), budget);
      if (!equal) {
        break;
      }
    }
    budget.leave();
    return equal;
  }

  /** Negative, zero or positive as {@code left} comes before, with or behind {@code right}. */
  static int compare(Object left, Object right, Budget budget) {
    budget.step();
    if (Numbers.of(left) instanceof Number a && Numbers.of(right) instanceof Number b) {
      return Numbers.compare(a, b);
    }
    if (left instanceof String x && right instanceof String y) {
      budget.scan(Math.min(x.length(), y.length()));
      return Text.compare(x, y);
    }
    if (left instanceof List<?> x
        && right instanceof List<?> y
        && sameKind(left, right)
        && !(left instanceof Range)
        && !(left instanceof View)) {
      return compareLists(x, y, budget);
    }
    throw Values.mismatch("compare", left, right);
  }

  private static int compareLists(List<?> left, List<?> right, Budget budget) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(left.get(i), right.get(i), budget)) {
        budget.enter();
        int order = compare(left.get(i), right.get(i), budget);
        budget.leave();
        return order;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  static boolean contains(Object container, Object element, Budget budget) {
    if (container instanceof String text) {
      if (element instanceof String part) {
        budget.search(text, part);
        return Text.indexOf(text, part, 0) >= 0;
      }
      throw Values.mismatch("look for", element, container);
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(Keys.find(map, element, budget));
    }
    for (Object candidate : Values.elements(container, budget)) {
      if (candidate == element || equal(candidate, element, budget)) {
        return true;
      }
    }
    return false;
  }
}
