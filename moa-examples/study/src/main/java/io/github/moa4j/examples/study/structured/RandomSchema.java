package io.github.moa4j.examples.study.structured;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Draws JSON schemas that something satisfies, of every keyword that answers can be held to. */
final class RandomSchema {

  private static final List<String> NAMES =
      List.of("a", "id", "naïve", "with space", "quo\"te", "back\\slash", "中文", "x-1", "", "$ref");
  private static final List<String> PATTERNS =
      List.of(
          "^[A-Z]{2}\\d+$",
          "[0-9]{3}",
          "^(foo|bar)+$",
          "\\.",
          "^\\S+$",
          "a|^b",
          "^[^\"\\\\]{2,5}$",
          "[äöü]",
          "^\\w{1,3}-\\w{1,3}$",
          "^[a-z]{1,2000}$",
          "^(?:[a-z]{2,9} ){2,40}[a-z]+\\.$",
          "^\\S+( \\S+)*$",
          "^([a-z]+, )*[a-z]{2,}$",
          "^(ab|[c-é]..)*x?$");
  private static final List<String> FORMATS =
      List.of(
          "date",
          "time",
          "date-time",
          "duration",
          "uuid",
          "email",
          "hostname",
          "ipv4",
          "ipv6",
          "uri");
  private static final List<Object> CONSTANTS =
      List.of(
          0,
          -17,
          2.5,
          1e9,
          true,
          "",
          "two words",
          "\"\n\u0001\\",
          "😀",
          List.of(),
          List.of(1, "x", Map.of("k", false)),
          Map.of(),
          Map.of("n", List.of(1.25)));

  private final SplittableRandom random;
  private final Map<String, Object> definitions = new LinkedHashMap<>();

  private RandomSchema(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Returns the schema of a seed. */
  static Map<String, Object> of(long seed) {
    RandomSchema drawn = new RandomSchema(seed);
    Map<String, Object> schema = drawn.schema(3);
    if (!drawn.definitions.isEmpty()) {
      schema.put("$defs", drawn.definitions);
    }
    if (drawn.chance(3)) {
      schema.put("title", "of seed " + seed);
    }
    return schema;
  }

  private boolean chance(int of) {
    return random.nextInt(of) == 0;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private <T> List<T> some(List<T> list, int least, int most) {
    List<T> left = new ArrayList<>(list);
    List<T> some = new ArrayList<>();
    for (int n = random.nextInt(least, most + 1); n > 0; n--) {
      some.add(left.remove(random.nextInt(left.size())));
    }
    return some;
  }

  private static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private Map<String, Object> schema(int depth) {
    if (depth == 0 || chance(4)) {
      return simple();
    }
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> object(depth - 1);
      case 3, 4 -> array(depth - 1);
      case 5 -> map("anyOf", List.of(schema(depth - 1), schema(depth - 1), simple()));
      case 6 -> oneOf(depth - 1);
      case 7 -> allOf(depth - 1);
      case 8 -> reference(depth - 1);
      default -> map("type", "object", "additionalProperties", schema(depth - 1));
    };
  }

  private Map<String, Object> simple() {
    return switch (random.nextInt(12)) {
      case 0 -> map("type", "null");
      case 1 -> map("type", "boolean");
      case 2, 3 -> integer();
      case 4, 5 -> number();
      case 6, 7 -> string();
      case 8 -> map("type", "string", "format", any(FORMATS));
      case 9 -> map("enum", some(CONSTANTS, 1, 5));
      case 10 -> map("const", any(CONSTANTS));
      default -> map("type", some(List.of("null", "boolean", "integer", "string"), 1, 3));
    };
  }

  private Map<String, Object> integer() {
    Map<String, Object> schema = map("type", "integer");
    long least = random.nextLong(-10_000, 10_000);
    boolean bounded = chance(2);
    if (bounded) {
      schema.put(any(List.of("minimum", "exclusiveMinimum")), least);
    }
    if (chance(2)) {
      schema.put(
          any(List.of("maximum", "exclusiveMaximum")), least + 102 + random.nextInt(100_000));
    }
    if (chance(3)) {
      schema.put("multipleOf", random.nextInt(1, 100));
    }
    return schema;
  }

  private Map<String, Object> number() {
    Map<String, Object> schema = map("type", "number");
    double least = random.nextInt(-100_000, 100_000) / Math.pow(10, random.nextInt(5));
    if (chance(2)) {
      schema.put(any(List.of("minimum", "exclusiveMinimum")), least);
    }
    if (chance(2)) {
      schema.put(
          any(List.of("maximum", "exclusiveMaximum")),
          least + random.nextInt(1, 1000) / Math.pow(10, random.nextInt(4)));
    }
    return schema;
  }

  private Map<String, Object> string() {
    Map<String, Object> schema = map("type", "string");
    int least = random.nextInt(8);
    if (chance(2)) {
      schema.put("minLength", least);
    }
    if (chance(2)) {
      schema.put("maxLength", least + random.nextInt(chance(4) ? 3000 : 30));
    }
    return chance(3) ? pattern() : schema;
  }

  /** With lengths that all patterns have texts of. */
  private Map<String, Object> pattern() {
    Map<String, Object> schema = map("type", "string", "pattern", any(PATTERNS));
    if (chance(3)) {
      schema.put("minLength", random.nextInt(6));
    }
    if (chance(3)) {
      schema.put("maxLength", 30 + random.nextInt(chance(4) ? 1000 : 30));
    }
    return schema;
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> properties = new LinkedHashMap<>();
    some(NAMES, 1, 5).forEach(name -> properties.put(name, schema(depth)));
    Map<String, Object> schema = map("type", "object", "properties", properties);
    if (chance(2)) {
      schema.put("required", some(List.copyOf(properties.keySet()), 0, properties.size()));
    }
    if (chance(2)) {
      schema.put("additionalProperties", false);
    }
    return schema;
  }

  private Map<String, Object> array(int depth) {
    Map<String, Object> schema = map("type", "array", "items", schema(depth));
    int least = random.nextInt(3);
    if (chance(2)) {
      schema.put("minItems", least);
    }
    if (chance(2)) {
      schema.put("maxItems", least + random.nextInt(chance(4) ? 900 : 4));
    }
    if (chance(3)) {
      schema.put("prefixItems", List.of(schema(depth), simple()));
    }
    return schema;
  }

  private Map<String, Object> oneOf(int depth) {
    List<Object> parts = new ArrayList<>();
    for (String kind : some(NAMES, 2, 3)) {
      parts.add(
          map(
              "type",
              "object",
              "properties",
              map("kind", map("const", kind), "value", schema(depth)),
              "required",
              List.of("kind")));
    }
    return map("oneOf", parts);
  }

  private Map<String, Object> allOf(int depth) {
    return map(
        "allOf",
        List.of(
            map("type", "object", "properties", map("n", integer(), "a", schema(depth))),
            map("required", List.of("n"), "properties", map("n", map("type", "number")))));
  }

  private Map<String, Object> reference(int depth) {
    String name = "d" + definitions.size();
    Map<String, Object> itself = map("$ref", "#/$defs/" + name);
    definitions.put(name, true); // its place, before what it is made of
    definitions.put(
        name,
        map(
            "type",
            "object",
            "properties",
            map("value", schema(depth), "next", map("anyOf", List.of(map("type", "null"), itself))),
            "required",
            List.of("value")));
    return map("$ref", "#/$defs/" + name);
  }
}
