package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** The keys of maps: what may be one, and which of them are the same, as 1, 1.0 and true are. */
final class Keys {

  private Keys() {}

  /** The key of the map that is equal to this one, or this one itself if there is none. */
  static Object find(Map<?, ?> map, Object key, Budget budget) {
    requireKey(key, budget);
    budget.steps(key instanceof Tuple ? map.size() : 1);
    if (map.containsKey(key) || !(Numbers.of(key) instanceof Number number)) {
      return key;
    }
    Object whole = Numbers.wholeOrSame(number);
    for (Object same : new Object[] {whole, Numbers.real(number), isBit(whole)}) {
      if (same != null && map.containsKey(same)) {
        return same;
      }
    }
    return whole;
  }

  private static Boolean isBit(Object number) {
    boolean bit = number instanceof Long whole && (whole == 0 || whole == 1);
    return bit ? Boolean.valueOf(number.equals(1L)) : null;
  }

  static void put(Map<Object, Object> map, Object key, Object value, Budget budget) {
    Object found = find(map, key, budget);
    map.put(map.containsKey(found) ? found : key, value);
  }

  private static void requireKey(Object key, Budget budget) {
    if (key instanceof Tuple tuple) {
      budget.enter();
      tuple.forEach(element -> requireKey(element, budget));
      budget.leave();
    } else if (key instanceof Map || key instanceof List) {
      throw new TemplateException("a " + Values.type(key) + " cannot be a key");
    }
    budget.step();
  }
}
