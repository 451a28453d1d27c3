package io.github.moa4j.core.constraint.internal;

import static io.github.moa4j.core.constraint.internal.SchemaParts.constants;
import static io.github.moa4j.core.constraint.internal.SchemaParts.map;
import static io.github.moa4j.core.constraint.internal.SchemaParts.names;
import static io.github.moa4j.core.constraint.internal.SchemaParts.object;
import static io.github.moa4j.core.constraint.internal.SchemaParts.refused;
import static io.github.moa4j.core.constraint.internal.SchemaParts.types;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Schemas that visibly exclude each other, as those of oneOf must. */
final class DisjointSchemas {

  private static final long MOST_PAIRS = 100_000;

  private DisjointSchemas() {}

  /** Refuses oneOf where a value may satisfy two of its schemas. */
  static void requireDisjoint(List<?> schemas) {
    Set<String> values = new HashSet<>();
    List<Object> fixed = new ArrayList<>();
    List<Object> others = new ArrayList<>();
    for (Object schema : schemas) {
      if (schema instanceof Map<?, ?> && isFixed(object(schema, "a schema"))) {
        for (String value : new HashSet<>(fixedValues(object(schema, "a schema")))) {
          require(values.add(value));
        }
        fixed.add(schema);
      } else {
        others.add(schema);
      }
    }
    if ((long) others.size() * schemas.size() > MOST_PAIRS) {
      throw refused("oneOf", "of " + schemas.size() + " schemas, too many to compare");
    }
    for (int i = 0; i < others.size(); i++) {
      for (Object value : fixed) {
        require(areDisjoint(others.get(i), value));
      }
      for (int j = i + 1; j < others.size(); j++) {
        require(areDisjoint(others.get(i), others.get(j)));
      }
    }
  }

  private static void require(boolean disjoint) {
    if (!disjoint) {
      throw refused("oneOf", "with schemas that may hold at once (anyOf allows that)");
    }
  }

  private static boolean areDisjoint(Object first, Object second) {
    if (!(first instanceof Map<?, ?>) || !(second instanceof Map<?, ?>)) {
      return false;
    }
    Map<String, Object> one = object(first, "a schema");
    Map<String, Object> two = object(second, "a schema");
    boolean fixed = isFixed(one) && isFixed(two);
    if (fixed) {
      return Collections.disjoint(fixedValues(one), fixedValues(two));
    }
    if (one.containsKey("type") && two.containsKey("type")) {
      List<String> types = new ArrayList<>(types(one));
      List<String> others = types(two);
      types.replaceAll(type -> type.equals("integer") ? "number" : type);
      if (others.stream()
          .map(type -> type.equals("integer") ? "number" : type)
          .noneMatch(types::contains)) {
        return true;
      }
    }
    Set<String> both = names(one, "required");
    both.retainAll(names(two, "required"));
    return List.of("object").equals(types(one))
        && List.of("object").equals(types(two))
        && both.stream()
            .anyMatch(
                name ->
                    map(one, "properties").get(name) instanceof Map<?, ?> a
                        && map(two, "properties").get(name) instanceof Map<?, ?> b
                        && isFixed(object(a, name))
                        && isFixed(object(b, name))
                        && areDisjoint(a, b));
  }

  private static boolean isFixed(Map<String, Object> schema) {
    return schema.containsKey("enum") || schema.containsKey("const");
  }

  private static List<String> fixedValues(Map<String, Object> schema) {
    return constants(schema).stream()
        .map(value -> value instanceof Number n ? n.doubleValue() + "" : "" + value)
        .toList();
  }
}
