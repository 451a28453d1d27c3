package io.github.moa4j.core.constraint.internal;

import static io.github.moa4j.core.constraint.internal.SchemaParts.list;
import static io.github.moa4j.core.constraint.internal.SchemaParts.map;
import static io.github.moa4j.core.constraint.internal.SchemaParts.names;
import static io.github.moa4j.core.constraint.internal.SchemaParts.number;
import static io.github.moa4j.core.constraint.internal.SchemaParts.refused;
import static io.github.moa4j.core.constraint.internal.SchemaParts.types;

import io.github.moa4j.core.constraint.ConstraintException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What schemas that hold together say as one. */
final class JoinedSchemas {

  private JoinedSchemas() {}

  /** What two schemas say together. */
  static Map<String, Object> merge(Map<String, Object> first, Map<String, Object> second) {
    Map<String, Object> all = new LinkedHashMap<>(first);
    requireSameOpenness(first, second);
    second.forEach(
        (keyword, value) -> {
          if (SchemaParts.isNote(keyword) || !first.containsKey(keyword)) {
            all.put(keyword, value);
          } else if (!Objects.equals(first.get(keyword), value)) {
            all.put(keyword, together(keyword, first, second));
          }
        });
    return all;
  }

  /** That there are no more properties than listed counts for each part of allOf by itself. */
  private static void requireSameOpenness(Map<String, Object> first, Map<String, Object> second) {
    String others = "additionalProperties";
    boolean closed =
        !Boolean.TRUE.equals(first.getOrDefault(others, true))
            || !Boolean.TRUE.equals(second.getOrDefault(others, true));
    Set<String> one = new LinkedHashSet<>(map(first, "properties").keySet());
    Set<String> two = new LinkedHashSet<>(map(second, "properties").keySet());
    one.addAll(names(first, "required"));
    two.addAll(names(second, "required"));
    boolean says = second.containsKey("properties") || second.containsKey("required");
    boolean said = first.containsKey("properties") || first.containsKey("required");
    boolean firstCloses = !Boolean.TRUE.equals(first.getOrDefault(others, true));
    boolean secondCloses = !Boolean.TRUE.equals(second.getOrDefault(others, true));
    if (closed
        && ((firstCloses && says && !one.containsAll(two))
            || (secondCloses && said && !two.containsAll(one)))) {
      throw refused(others, "beside allOf, anyOf, oneOf or $ref with other properties");
    }
  }

  private static Object together(
      String keyword, Map<String, Object> first, Map<String, Object> second) {
    return switch (keyword) {
      case "required" -> {
        Set<String> names = new LinkedHashSet<>(names(first, keyword));
        names.addAll(names(second, keyword));
        yield List.copyOf(names);
      }
      case "properties" -> {
        Map<String, Object> all = new LinkedHashMap<>(map(first, keyword));
        map(second, keyword)
            .forEach(
                (name, schema) ->
                    all.merge(name, schema, (a, b) -> Map.of("allOf", List.of(a, b))));
        yield all;
      }
      case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
          number(first, keyword).max(number(second, keyword));
      case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
          number(first, keyword).min(number(second, keyword));
      case "enum" -> {
        List<Object> both = new ArrayList<>(list(first, keyword));
        both.retainAll(new HashSet<>(list(second, keyword)));
        if (both.isEmpty()) {
          throw new ConstraintException("The JSON schema's enums have nothing in common");
        }
        yield both;
      }
      case "type" -> {
        List<String> both = new ArrayList<>(types(first));
        if (types(second).contains("number") && both.remove("integer")) {
          both.add("integer");
        } else if (both.contains("number") && types(second).contains("integer")) {
          both.add("integer");
        }
        boolean wider = types(second).contains("number");
        both.removeIf(type -> !types(second).contains(type) && !(wider && type.equals("integer")));
        if (both.isEmpty()) {
          throw new ConstraintException("The JSON schema's types have nothing in common");
        }
        yield both;
      }
      default -> throw refused(keyword, "twice, in parts that hold together");
    };
  }
}
