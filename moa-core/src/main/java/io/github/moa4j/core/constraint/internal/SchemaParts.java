package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.files.Failure;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The keywords of JSON schemas, and what they may hold. */
final class SchemaParts {

  private static final BigDecimal MOST_TIMES = BigDecimal.valueOf(1_000_000);

  private static final Set<String> NOTES =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "example",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "strict");

  private static final Map<String, List<String>> BY_TYPE =
      Map.of(
          "object",
          List.of(
              "properties", "required", "additionalProperties", "minProperties", "maxProperties"),
          "array",
          List.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
          "string",
          List.of("pattern", "format", "minLength", "maxLength"),
          "number",
          List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"));

  private static final Set<String> OTHERS =
      Set.of("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref");

  private static final List<String> TYPES =
      List.of("null", "boolean", "integer", "number", "string", "array", "object");

  private SchemaParts() {}

  static ConstraintException refused(String keyword, String what) {
    return new ConstraintException(
        "The JSON schema has \""
            + Failure.quote(keyword)
            + (what.isEmpty() ? "\"" : "\" " + what)
            + ", which an answer cannot be held to; leave it out and check the answer");
  }

  private static ConstraintException wrong(String keyword, String expected) {
    return new ConstraintException(
        "The JSON schema's \"" + Failure.quote(keyword) + "\" must be " + expected);
  }

  static Map<String, Object> object(Object value, String what) {
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(what, "an object");
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, entry) -> copy.put((String) key, entry));
    return copy;
  }

  /** A schema all of whose keywords are known. */
  static Map<String, Object> checked(Object schema) {
    if (!(schema instanceof Map<?, ?>)) {
      throw wrong("a schema", "an object, true or false");
    }
    Map<String, Object> object = object(schema, "a schema");
    for (String keyword : object.keySet()) {
      boolean known =
          NOTES.contains(keyword)
              || OTHERS.contains(keyword)
              || BY_TYPE.values().stream().anyMatch(list -> list.contains(keyword));
      if (!known) {
        throw refused(keyword, "");
      }
    }
    return object;
  }

  /** Whether a keyword says nothing of the values. */
  static boolean isNote(String keyword) {
    return NOTES.contains(keyword);
  }

  /** Whether a schema says nothing but notes. */
  static boolean isPlain(Map<String, Object> schema) {
    return NOTES.containsAll(schema.keySet());
  }

  static Map<String, Object> without(Map<String, Object> schema, String keyword) {
    Map<String, Object> rest = new LinkedHashMap<>(schema);
    rest.remove(keyword);
    return rest;
  }

  /** A schema as an object, true as the empty one. */
  static Map<String, Object> orAnything(Object schema) {
    if (Boolean.FALSE.equals(schema)) {
      throw refused("false", "inside allOf, anyOf or $ref beside other keywords");
    }
    return Boolean.TRUE.equals(schema) ? Map.of() : checked(schema);
  }

  static String text(Map<String, Object> schema, String keyword) {
    if (!(schema.get(keyword) instanceof String text)) {
      throw wrong(keyword, "a text");
    }
    return text;
  }

  static List<?> list(Map<String, Object> schema, String keyword) {
    if (!(schema.get(keyword) instanceof List<?> list) || list.isEmpty()) {
      throw wrong(keyword, "a list that is not empty");
    }
    return list;
  }

  static Map<String, Object> map(Map<String, Object> schema, String keyword) {
    return schema.containsKey(keyword) ? object(schema.get(keyword), keyword) : Map.of();
  }

  static int count(Map<String, Object> schema, String keyword, int otherwise) {
    if (!schema.containsKey(keyword)) {
      return otherwise;
    }
    BigDecimal value = number(schema, keyword);
    if (value.signum() < 0 || value.stripTrailingZeros().scale() > 0) {
      throw wrong(keyword, "a whole number from 0");
    }
    if (value.compareTo(MOST_TIMES) > 0 && keyword.startsWith("min")) {
      throw refused(keyword, "of more than " + MOST_TIMES);
    }
    return value.min(MOST_TIMES).intValueExact();
  }

  static BigDecimal number(Map<String, Object> schema, String keyword) {
    if (!(schema.get(keyword) instanceof Number number)) {
      throw wrong(keyword, "a number");
    }
    try {
      return new BigDecimal(number.toString());
    } catch (NumberFormatException e) {
      throw new ConstraintException("The JSON schema's \"" + keyword + "\" is no number", e);
    }
  }

  static Set<String> names(Map<String, Object> schema, String keyword) {
    Set<String> names = new LinkedHashSet<>();
    if (schema.containsKey(keyword)) {
      if (!(schema.get(keyword) instanceof List<?> list)) {
        throw wrong(keyword, "a list of names");
      }
      for (Object name : list) {
        if (!(name instanceof String text)) {
          throw wrong(keyword, "a list of names");
        }
        names.add(text);
      }
    }
    return names;
  }

  /** The types that may be written; empty for any. */
  static List<String> types(Map<String, Object> schema) {
    boolean told = schema.containsKey("type");
    Object type = schema.get("type");
    List<?> given = type instanceof List<?> list ? list : Collections.singletonList(type);
    List<String> types = new ArrayList<>();
    for (Object one : told ? given : List.of()) {
      if (!(one instanceof String name) || !TYPES.contains(name)) {
        throw wrong("type", "one of " + TYPES + ", or a list of them");
      }
      if (!types.contains(name)) {
        types.add(name);
      }
    }
    if (told && types.isEmpty()) {
      throw wrong("type", "one of " + TYPES + ", or a list of them");
    }
    if (!told) {
      BY_TYPE.forEach(
          (name, keywords) -> {
            if (!Collections.disjoint(keywords, schema.keySet())) {
              types.add(name);
            }
          });
    }
    return types;
  }

  /** The values of an enumeration that are of the type which stands beside it. */
  static List<?> constants(Map<String, Object> schema) {
    List<?> all =
        schema.containsKey("enum")
            ? list(schema, "enum")
            : Collections.singletonList(schema.get("const"));
    for (String keyword : schema.keySet()) {
      if (BY_TYPE.values().stream().anyMatch(list -> list.contains(keyword))) {
        throw refused(keyword, "beside enum or const");
      }
    }
    all.forEach(SchemaParts::requireFinite);
    Object only = schema.get("const");
    List<String> types = types(schema);
    return all.stream()
        .filter(value -> !schema.containsKey("const") || Objects.equals(value, only))
        .filter(value -> types.isEmpty() || types.stream().anyMatch(type -> isOf(value, type)))
        .toList();
  }

  private static boolean isOf(Object value, String type) {
    return switch (type) {
      case "null" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "string" -> value instanceof String;
      case "array" -> value instanceof List;
      case "object" -> value instanceof Map;
      case "number" -> value instanceof Number;
      default -> value instanceof Number number && isWhole(number);
    };
  }

  /** 1.0 is an integer, too. */
  private static boolean isWhole(Number number) {
    return new BigDecimal(number.toString()).stripTrailingZeros().scale() <= 0;
  }

  /** Refuses what no JSON can have, though some readers take it. */
  private static void requireFinite(Object value) {
    if (value instanceof Map<?, ?> map) {
      map.values().forEach(SchemaParts::requireFinite);
    } else if (value instanceof List<?> list) {
      list.forEach(SchemaParts::requireFinite);
    } else if (value instanceof Double number && !Double.isFinite(number)) {
      throw wrong("enum", "of numbers that are finite");
    }
  }

  /** How many properties there are follows from which are listed, or the schema is refused. */
  static void requireCounts(Map<String, Object> schema, int required, int listed) {
    if (count(schema, "minProperties", 0) > Math.max(required, listed == 0 ? 1 : 0)) {
      throw refused("minProperties", "of more than the required properties");
    }
    if (listed > 0 && count(schema, "maxProperties", listed) < listed) {
      throw refused("maxProperties", "of fewer than the listed properties");
    }
  }

  static Object resolve(Map<String, Object> root, String reference) {
    if (!reference.startsWith("#") || (reference.length() > 1 && reference.charAt(1) != '/')) {
      throw refused("$ref", "to " + Failure.quote(reference) + ", outside of it");
    }
    Object at = root;
    String[] path = reference.split("/", -1);
    for (int i = 1; i < path.length; i++) {
      String key = decoded(path[i], reference);
      if (at instanceof Map<?, ?> map && map.containsKey(key)) {
        at = map.get(key);
      } else if (at instanceof List<?> list
          && key.matches("[0-9]{1,6}")
          && Integer.parseInt(key) < list.size()) {
        at = list.get(Integer.parseInt(key));
      } else {
        throw new ConstraintException(
            "The JSON schema's $ref " + Failure.quote(reference) + " leads to nothing");
      }
    }
    return at;
  }

  private static String decoded(String part, String reference) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8)
          .replace("~1", "/")
          .replace("~0", "~");
    } catch (IllegalArgumentException e) {
      throw new ConstraintException(
          "The JSON schema's $ref "
              + Failure.quote(reference)
              + " is not valid: behind a % two hexadecimal digits must stand",
          e);
    }
  }

  /** What a schema that is nothing but a reference stands for. */
  static Object followed(Map<String, Object> root, Object schema) {
    Object at = schema;
    for (int i = 0; at instanceof Map<?, ?> map && map.get("$ref") instanceof String ref; i++) {
      if (i == 100) {
        throw new ConstraintException("The JSON schema's $ref refers to nothing but itself");
      }
      Map<String, Object> rest = without(checked(at), "$ref");
      Object target = resolve(root, ref);
      at = isPlain(rest) ? target : JoinedSchemas.merge(orAnything(target), rest);
    }
    return at;
  }
}
