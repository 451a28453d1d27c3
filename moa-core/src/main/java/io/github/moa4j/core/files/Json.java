package io.github.moa4j.core.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.core.MoaException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as plain Java values: maps in their order, lists, texts, numbers, booleans and nulls, or
 * records of them. Written, it is the same on every platform. Numbers that JSON lacks, NaN and the
 * infinities, become texts.
 */
public final class Json {

  private static final int MAX_NESTING = 100; // deeper, a tree is a stack overflow

  /**
   * Refuses what tolerant readers pass over: a key twice, and text behind the end. Python's NaN and
   * Infinity pass, since Python's own writers leave them in keys that nobody uses; every typed
   * access refuses them. Names are not canonicalised, which fails on many names of one hash.
   */
  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private static final ObjectWriter COMPACT = MAPPER.writer();

  /** Jackson's own default takes the platform's line end. */
  private static final ObjectWriter PRETTY =
      MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private Json() {}

  /**
   * Returns an object as a text for people, in UTF-8.
   *
   * @throws IllegalArgumentException if it holds a value that JSON has no form for
   */
  public static byte[] pretty(Map<String, ?> object) {
    return write(PRETTY, object).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Returns an object, or a record, as a text without spaces.
   *
   * @throws IllegalArgumentException if it holds a value that JSON has no form for
   */
  public static String compact(Object object) {
    return write(COMPACT, object);
  }

  /**
   * Returns an object as reading it again will give it, immutable.
   *
   * @throws IllegalArgumentException if it holds a value that JSON has no form for
   */
  public static Map<String, Object> copy(Map<String, ?> object) {
    return JsonObject.parse(compact(object), Path.of("copy"), Json::unwritable).values();
  }

  /**
   * The value that a node of a JSON tree, as an application that reads JSON has at hand, stands
   * for; any other value as it is.
   *
   * @return as {@link #value}
   */
  public static Object withoutNode(Object value, String where, Failure failure) {
    return value instanceof JsonNode node ? value(node.toString(), where, failure) : value;
  }

  /**
   * Reads one value of any kind, as strictly as {@link JsonObject} does.
   *
   * @param where it stems from, for messages, such as a file and a line
   * @return a {@code String}, {@code Boolean}, {@code Integer}, {@code Long}, {@code BigInteger},
   *     {@code Double}, an immutable {@code List} or {@code Map} in order, or null
   * @throws MoaException of the given kind if the text is not one JSON value
   */
  public static Object value(String text, String where, Failure failure) {
    return plain(tree(text, where, failure));
  }

  static JsonNode tree(String text, String where, Failure failure) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.isMissingNode()) {
        throw failure.because(where + " is not valid JSON: there is nothing in it.");
      }
      return node;
    } catch (JsonProcessingException e) {
      String message =
          e.getOriginalMessage()
              .replaceAll("\\[Source: [^;]*; line: (\\d+), [^]]*]", "line $1")
              .replaceAll("^Trailing token .*", "there is more behind its end");
      JsonLocation place = e.getLocation();
      String line =
          text.indexOf('\n') < 0 || place == null ? "" : "line " + place.getLineNr() + ", ";
      throw failure.because(
          where
              + " is not valid JSON: "
              + Failure.quote(message)
              + (place == null ? "." : " (" + line + "column " + place.getColumnNr() + ")."),
          e);
    }
  }

  static Object plain(JsonNode value) {
    if (value.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      value.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
      return Collections.unmodifiableMap(map);
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>();
      value.forEach(element -> list.add(plain(element)));
      return Collections.unmodifiableList(list);
    }
    if (value.isTextual()) {
      return value.textValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    return value.isNumber() ? value.numberValue() : null;
  }

  private static MoaException unwritable(String message, Throwable cause) {
    throw new IllegalArgumentException("A value cannot be written as JSON: " + message, cause);
  }

  private static String write(ObjectWriter writer, Object object) {
    try {
      // As a string first: Jackson's byte output escapes characters beyond the basic plane.
      return escapeLoneSurrogates(writer.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "A value cannot be written as JSON: " + Failure.quote(e.getOriginalMessage()), e);
    }
  }

  /** A lone surrogate, which JSON can hold, has no form in UTF-8. It can stand in strings only. */
  private static String escapeLoneSurrogates(String json) {
    StringBuilder escaped = null;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < json.length()
              && Character.isLowSurrogate(json.charAt(i + 1));
      if (pair) {
        i++;
      } else if (Character.isSurrogate(c) && escaped == null) {
        escaped = new StringBuilder(json.length() + 6).append(json, 0, i);
      }
      if (escaped != null) {
        if (pair) {
          escaped.append(c).append(json.charAt(i));
        } else if (Character.isSurrogate(c)) {
          escaped.append("\\u").append(Integer.toHexString(c));
        } else {
          escaped.append(c);
        }
      }
    }
    return escaped == null ? json : escaped.toString();
  }
}
