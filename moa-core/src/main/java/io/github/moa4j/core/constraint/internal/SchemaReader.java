package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads a JSON schema as the language of texts that satisfy it. Never larger than what satisfies
 * it: where a keyword could not be kept, the schema is refused.
 */
public final class SchemaReader {

  private static final int MOST_SCHEMAS = 20_000; // read, some of them several times
  private static final int DEEPEST = 200;
  private static final Map<String, Object> ANYTHING = Map.of();

  private final Map<String, Object> root;
  private final Map<Object, Graph.Rule> rules = new HashMap<>();
  private final Set<String> checked = new HashSet<>();
  private int count;
  private int depth;

  private SchemaReader(Map<String, Object> root) {
    this.root = root;
  }

  /**
   * Reads a schema.
   *
   * @throws ConstraintException if it is no JSON, or has what could not be kept
   */
  public static Language read(String schema) {
    Object value = Json.value(schema, "The JSON schema", ConstraintException::new);
    Map<String, Object> root =
        value instanceof Map<?, ?> ? SchemaParts.object(value, "the schema") : Map.of();
    SchemaReader reader = new SchemaReader(root);
    return reader.value(value);
  }

  private Language value(Object schema) {
    return (graph, from, to) -> {
      if (++depth > DEEPEST) {
        throw new ConstraintException(
            "The JSON schema's schemas are nested more than " + DEEPEST + " deep");
      }
      language(schema).write(graph, from, to);
      depth--;
    };
  }

  /** What several schemas say together; as a rule, since it may contain itself. */
  private Language joined(Map<String, Object> schema) {
    return rule(List.of(schema), value(schema));
  }

  private Language language(Object schema) {
    if (++count > MOST_SCHEMAS) {
      throw new ConstraintException(
          "The JSON schema is too large: it comes to more than " + MOST_SCHEMAS + " schemas");
    }
    if (Boolean.FALSE.equals(schema)) {
      return Language.NOTHING;
    }
    if (Boolean.TRUE.equals(schema)) {
      return rule(ANYTHING, anything());
    }
    Map<String, Object> object = SchemaParts.checked(schema);
    if (object.containsKey("$id") && !Objects.equals(object.get("$id"), root.get("$id"))) {
      throw SchemaParts.refused("$id", "within it, from which references would count");
    }
    if (object.containsKey("$ref")) {
      return reference(object);
    }
    if (object.containsKey("allOf")) {
      return joined(merged(object));
    }
    for (String choice : List.of("anyOf", "oneOf")) {
      if (object.containsKey(choice)) {
        return alternatives(object, choice);
      }
    }
    if (object.containsKey("enum") || object.containsKey("const")) {
      return Language.texts(SchemaParts.constants(object).stream().map(Json::compact).toList());
    }
    List<String> types = SchemaParts.types(object);
    return types.isEmpty()
        ? rule(ANYTHING, anything())
        : Language.anyOf(types.stream().map(type -> ofType(type, object)).toList());
  }

  private Language reference(Map<String, Object> schema) {
    String reference = SchemaParts.text(schema, "$ref");
    if (checked.add(reference)) {
      requireEnd(schema, new HashSet<>());
    }
    Object target = SchemaParts.resolve(root, reference);
    Map<String, Object> rest = SchemaParts.without(schema, "$ref");
    if (SchemaParts.isPlain(rest)) {
      return rule(reference, value(target));
    }
    return joined(JoinedSchemas.merge(SchemaParts.orAnything(target), rest));
  }

  /** A reference that leads to itself before any text is none. */
  private void requireEnd(Object schema, Set<String> open) {
    if (!(schema instanceof Map<?, ?>)) {
      return;
    }
    Map<String, Object> object = SchemaParts.object(schema, "a schema");
    if (object.get("$ref") instanceof String reference) {
      if (!open.add(reference)) {
        throw new ConstraintException(
            "The JSON schema's $ref " + Failure.quote(reference) + " refers to nothing but itself");
      }
      requireEnd(SchemaParts.resolve(root, reference), open);
      open.remove(reference);
    }
    for (String choice : List.of("allOf", "anyOf", "oneOf")) {
      if (object.get(choice) instanceof List<?> list) {
        if (++count > MOST_SCHEMAS) {
          throw new ConstraintException("The JSON schema's references are too many");
        }
        list.forEach(one -> requireEnd(one, open));
      }
    }
  }

  /** Something that may be used at several places, written once. */
  private Language rule(Object key, Language language) {
    return (graph, from, to) -> {
      Graph.Rule rule = rules.get(key);
      if (rule == null) {
        rule = graph.rule();
        rules.put(key, rule);
        language.write(graph, rule.entry(), rule.exit());
      }
      graph.call(from, rule, to);
    };
  }

  private Map<String, Object> merged(Map<String, Object> schema) {
    Map<String, Object> all = SchemaParts.without(schema, "allOf");
    for (Object part : SchemaParts.list(schema, "allOf")) {
      Map<String, Object> one = SchemaParts.orAnything(part);
      if (one.get("$ref") instanceof String reference) {
        if (checked.add(reference)) {
          requireEnd(one, new HashSet<>());
        }
        Map<String, Object> target = SchemaParts.orAnything(SchemaParts.resolve(root, reference));
        one = JoinedSchemas.merge(target, SchemaParts.without(one, "$ref"));
      }
      all = JoinedSchemas.merge(all, one.containsKey("allOf") ? merged(one) : one);
    }
    return all;
  }

  private Language alternatives(Map<String, Object> schema, String keyword) {
    List<?> parts = SchemaParts.list(schema, keyword);
    if (keyword.equals("oneOf")) {
      DisjointSchemas.requireDisjoint(
          parts.stream().map(part -> SchemaParts.followed(root, part)).toList());
    }
    Map<String, Object> rest = SchemaParts.without(schema, keyword);
    List<Language> all = new ArrayList<>();
    for (Object part : parts) {
      if (SchemaParts.isPlain(rest)) {
        all.add(language(part));
      } else if (!Boolean.FALSE.equals(part)) {
        all.add(
            joined(
                JoinedSchemas.merge(
                    rest, SchemaParts.orAnything(SchemaParts.followed(root, part)))));
      }
    }
    return Language.anyOf(all);
  }

  private Language anything() {
    return (graph, from, to) -> {
      for (String type : List.of("string", "number", "boolean", "null", "object", "array")) {
        ofType(type, ANYTHING).write(graph, from, to);
      }
    };
  }

  private Language ofType(String type, Map<String, Object> schema) {
    return switch (type) {
      case "null" -> Language.text("null");
      case "boolean" -> Language.texts(List.of("true", "false"));
      case "integer" -> Numbers.of(schema, true);
      case "number" -> Numbers.of(schema, false);
      case "string" -> Texts.of(schema);
      case "array" -> array(schema);
      default -> object(schema);
    };
  }

  private Language array(Map<String, Object> schema) {
    int least = SchemaParts.count(schema, "minItems", 0);
    int most = SchemaParts.count(schema, "maxItems", -1);
    List<?> first =
        schema.containsKey("prefixItems") ? SchemaParts.list(schema, "prefixItems") : List.of();
    Object others = schema.getOrDefault("items", true);
    if (Boolean.TRUE.equals(schema.get("uniqueItems")) && (most < 0 || most > 1)) {
      throw SchemaParts.refused("uniqueItems", "of more than one item");
    }
    boolean closed = Boolean.FALSE.equals(others);
    int longest =
        most < 0 ? (closed ? first.size() : -1) : closed ? Math.min(most, first.size()) : most;
    if (longest >= 0 && longest < least) {
      return Language.NOTHING;
    }
    return (graph, from, to) -> {
      Language item = rule(new Object(), value(others));
      int at = graph.node();
      graph.bytes(from, '[', '[', at);
      int end = graph.node();
      graph.bytes(end, ']', ']', to);
      int i = 0;
      for (; i < Math.max(first.size(), 1) && i != longest; i++) {
        if (i >= least) {
          graph.skip(at, end);
        }
        at = comma(graph, at, i > 0);
        int next = graph.node();
        (i < first.size() ? value(first.get(i)) : item).write(graph, at, next);
        at = next;
      }
      Language more = (g, a, b) -> item.write(g, comma(g, a, true), b);
      more.repeated(Math.max(least - i, 0), longest < 0 ? -1 : longest - i).write(graph, at, end);
    };
  }

  private static int comma(Graph graph, int at, boolean needed) {
    if (!needed) {
      return at;
    }
    int behind = graph.node();
    graph.bytes(at, ',', ',', behind);
    return behind;
  }

  private Language object(Map<String, Object> schema) {
    Map<String, Object> properties = new LinkedHashMap<>(SchemaParts.map(schema, "properties"));
    Object others = schema.getOrDefault("additionalProperties", true);
    Set<String> required = SchemaParts.names(schema, "required");
    for (String name : required) {
      properties.putIfAbsent(name, others);
    }
    SchemaParts.requireCounts(schema, required.size(), properties.size());
    if (properties.isEmpty()) {
      return map(schema, others);
    }
    return (graph, from, to) -> {
      int none = graph.node(); // where no property has been written yet
      graph.bytes(from, '{', '{', none);
      int some = graph.node();
      for (Map.Entry<String, Object> property : properties.entrySet()) {
        int key = graph.node();
        graph.skip(none, key);
        graph.bytes(some, ',', ',', key);
        int nextNone = graph.node();
        int nextSome = graph.node();
        Language.sequence(
                Language.text(Json.compact(property.getKey()) + ":"), value(property.getValue()))
            .write(graph, key, nextSome);
        if (!required.contains(property.getKey())) {
          graph.skip(none, nextNone);
          graph.skip(some, nextSome);
        }
        none = nextNone;
        some = nextSome;
      }
      graph.bytes(none, '}', '}', to);
      graph.bytes(some, '}', '}', to);
    };
  }

  private Language map(Map<String, Object> schema, Object others) {
    int least = SchemaParts.count(schema, "minProperties", 0);
    int most = Boolean.FALSE.equals(others) ? 0 : SchemaParts.count(schema, "maxProperties", -1);
    return (graph, from, to) -> {
      Language member =
          rule(
              new Object(),
              Language.sequence(Texts.of(ANYTHING), Language.text(":"), value(others)));
      int at = graph.node();
      graph.bytes(from, '{', '{', at);
      int end = graph.node();
      graph.bytes(end, '}', '}', to);
      if (least == 0) {
        graph.skip(at, end);
      }
      if (most != 0) {
        int behind = graph.node();
        member.write(graph, at, behind);
        Language more = (g, a, b) -> member.write(g, comma(g, a, true), b);
        more.repeated(0, most < 0 ? -1 : most - 1).write(graph, behind, end);
      }
    };
  }
}
