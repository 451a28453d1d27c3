package io.github.moa4j.core.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.moa4j.core.MoaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A JSON object of a file, read strictly: no key twice, nothing behind the end, no nesting beyond
 * 100 levels, limited size. Every value is checked when it is asked for; the error names file, key,
 * what was found and what was expected. A key that is null counts as missing. Immutable.
 */
public final class JsonObject {

  /** No file of settings is larger, in bytes. */
  public static final int MAX_BYTES = 1 << 25;

  private final Path file;
  private final String prefix; // what stands before a key in messages
  private final JsonNode node;
  private final Failure failure;

  private JsonObject(Path file, String prefix, JsonNode node, Failure failure) {
    this.file = file;
    this.prefix = prefix;
    this.node = node;
    this.failure = failure;
  }

  /**
   * Reads a file of up to 32 MiB.
   *
   * @throws MoaException of the given kind if there is no such file, or it does not hold one JSON
   *     object
   */
  public static JsonObject read(Path file, Failure failure) {
    return parse(TextFile.read(file, MAX_BYTES, failure), file, failure);
  }

  /**
   * Reads a text of up to 32 MiB in UTF-8.
   *
   * @param file where it stems from, for messages
   * @throws MoaException of the given kind if it is not one JSON object
   */
  public static JsonObject parse(byte[] text, Path file, Failure failure) {
    if (text.length > MAX_BYTES) {
      throw failure.because(
          file + " has " + text.length + " bytes, " + MAX_BYTES + " are possible.");
    }
    String otherwise = file + " is not UTF-8 text, in which JSON is written.";
    return parse(TextFile.decode(text, otherwise, failure), file, failure);
  }

  /**
   * Reads a text.
   *
   * @param file where it stems from, for messages
   * @throws MoaException of the given kind if it is not one JSON object
   */
  public static JsonObject parse(String text, Path file, Failure failure) {
    JsonNode node = Json.tree(text, file.toString(), failure);
    if (!node.isObject()) {
      throw failure.because(
          file + " does not hold a JSON object, but " + Failure.quote(node.toString()) + ".");
    }
    return new JsonObject(file, "", node, failure);
  }

  /** Returns the file that this stems from. */
  public Path file() {
    return file;
  }

  /** Returns the keys in the order of the file, those whose value is null included. */
  public Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** Tells whether there is a value that is not null. */
  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** Returns an inner object. */
  public JsonObject object(String key) {
    return object(key, value(key));
  }

  /** Returns an inner object; one without keys if the key is missing. */
  public JsonObject objectOrEmpty(String key) {
    return has(key)
        ? object(key)
        : new JsonObject(file, prefix + key + ".", Json.MAPPER.createObjectNode(), failure);
  }

  /** Returns a list of objects; an empty one if the key is missing. */
  public List<JsonObject> objects(String key) {
    return list(key, this::object);
  }

  /** Returns a text. */
  public String text(String key) {
    return text(key, value(key));
  }

  /** Returns a text, or another where the key is missing. */
  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  /** Returns a list of texts; an empty one if the key is missing. */
  public List<String> texts(String key) {
    return list(key, this::text);
  }

  /** Returns true or false. */
  public boolean bool(String key) {
    if (!value(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return value(key).booleanValue();
  }

  /** Returns true or false, or another value where the key is missing. */
  public boolean bool(String key, boolean otherwise) {
    return has(key) ? bool(key) : otherwise;
  }

  /** Returns an integer of 1 or more. */
  public int positiveInt(String key) {
    return integer(key, value(key), 1);
  }

  /** Returns an integer of 1 or more, or another where the key is missing. */
  public int positiveInt(String key, int otherwise) {
    return has(key) ? positiveInt(key) : otherwise;
  }

  /** Returns an integer of a minimum or more. */
  public int integer(String key, int minimum) {
    return integer(key, value(key), minimum);
  }

  /** Returns a list of integers of a minimum or more; an empty one if the key is missing. */
  public List<Integer> integers(String key, int minimum) {
    return list(key, (where, element) -> integer(where, element, minimum));
  }

  /** Returns a list of numbers; an empty one if the key is missing. */
  public List<Double> numbers(String key) {
    return list(key, this::number);
  }

  /** Returns an integer of 64 bits of a minimum or more. */
  public long longInteger(String key, long minimum) {
    JsonNode value = value(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < minimum) {
      throw wrong(key, "an integer of " + minimum + " to " + Long.MAX_VALUE);
    }
    return value.longValue();
  }

  /** Returns a number, which is neither NaN nor infinite. */
  public double number(String key) {
    return number(key, value(key));
  }

  /** Returns a number, or another where the key is missing. */
  public double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  /** Returns a number above 0. */
  public double positiveNumber(String key) {
    double number = value(key).doubleValue();
    if (!value(key).isNumber() || !(number > 0) || Double.isInfinite(number)) {
      throw wrong(key, "a positive number");
    }
    return number;
  }

  /** Returns a number above 0, or another where the key is missing. */
  public double positiveNumber(String key, double otherwise) {
    return has(key) ? positiveNumber(key) : otherwise;
  }

  /**
   * Returns a value of any kind: a {@code String}, {@code Boolean}, {@code Integer}, {@code Long},
   * {@code BigInteger}, {@code Double}, a {@code List} or a {@code Map} in the file's order; null
   * if it is null or missing.
   */
  public Object any(String key) {
    return Json.plain(value(key));
  }

  /** Returns the whole object as plain values, as {@link #any} does. Its nulls stay. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    node.properties().forEach(entry -> values.put(entry.getKey(), Json.plain(entry.getValue())));
    return Collections.unmodifiableMap(values);
  }

  /**
   * Returns the object as a record.
   *
   * @throws MoaException if a component is missing or of another type
   */
  public <T> T as(Class<T> type) {
    try {
      return Json.MAPPER.treeToValue(node, type);
    } catch (JsonProcessingException e) {
      throw failure.because(
          file + " does not hold what it should: " + Failure.quote(e.getOriginalMessage()) + ".",
          e);
    }
  }

  /** Returns a value as JSON, as a message may quote it. */
  public String quoted(String key) {
    return Failure.quote(value(key).toString());
  }

  /** Returns the error for a value that is not what it should be, or missing. */
  public MoaException wrong(String key, String expected) {
    return wrong(key, value(key), expected);
  }

  /** Returns the error for something that is valid but cannot be honoured. */
  public MoaException unsupported(String what, String hint) {
    return failure.because(file + ": " + what + " is not supported; " + hint + ".");
  }

  /** Returns the error for a key that should not be there. */
  public MoaException wrongKey(String key, String why) {
    return failure.because(
        file + ": the key " + Failure.quote(prefix + key) + " is not possible; " + why + ".");
  }

  private JsonNode value(String key) {
    return has(key) ? node.get(key) : MissingNode.getInstance();
  }

  private <T> List<T> list(String key, BiFunction<String, JsonNode, T> element) {
    if (has(key) && !value(key).isArray()) {
      throw wrong(key, "a list");
    }
    List<T> list = new ArrayList<>();
    for (JsonNode value : value(key)) {
      list.add(element.apply(key + "[" + list.size() + "]", value));
    }
    return list;
  }

  private JsonObject object(String where, JsonNode value) {
    if (!value.isObject()) {
      throw wrong(where, value, "an object");
    }
    return new JsonObject(file, prefix + where + ".", value, failure);
  }

  private String text(String where, JsonNode value) {
    if (!value.isTextual()) {
      throw wrong(where, value, "a string");
    }
    return value.textValue();
  }

  private int integer(String where, JsonNode value, int minimum) {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < minimum) {
      throw wrong(where, value, "an integer of " + minimum + " to " + Integer.MAX_VALUE);
    }
    return value.intValue();
  }

  private double number(String where, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(where, value, "a number");
    }
    return value.doubleValue();
  }

  private MoaException wrong(String where, JsonNode value, String expected) {
    String place = file + ": " + Failure.quote(prefix + where);
    return failure.because(
        value.isMissingNode()
            ? place + " is missing; it must be " + expected + "."
            : place + " is " + Failure.quote(value.toString()) + ", but must be " + expected + ".");
  }
}
