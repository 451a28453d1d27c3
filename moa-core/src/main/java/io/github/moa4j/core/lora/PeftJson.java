package io.github.moa4j.core.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The JSON object of an adapter's configuration, with typed access whose errors name file and key.
 *
 * @param file the file, for messages
 * @param prefix what stands before a key in messages
 * @param root the object
 */
record PeftJson(Path file, String prefix, JsonNode root) {

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static PeftJson read(Path file) {
    try {
      JsonNode root = MAPPER.readTree(Files.readAllBytes(file));
      if (!root.isObject()) {
        throw new AdapterException(file + " does not hold a JSON object.");
      }
      return new PeftJson(file, "", root);
    } catch (NoSuchFileException e) {
      throw new AdapterException("There is no file " + file + ".", e);
    } catch (JsonProcessingException e) {
      throw new AdapterException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new AdapterException("Cannot read " + file + ": " + e, e);
    }
  }

  /** Whether a value says nothing: missing, null, false, or an empty text, list or object. */
  static boolean isEmpty(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isTextual() && value.textValue().isEmpty())
        || (value.isContainerNode() && value.isEmpty());
  }

  Set<Map.Entry<String, JsonNode>> fields() {
    return root.properties();
  }

  boolean has(String key) {
    return root.hasNonNull(key);
  }

  /** The value, or a missing node for null too. */
  JsonNode node(String key) {
    return has(key) ? root.get(key) : MissingNode.getInstance();
  }

  String text(String key) {
    if (!node(key).isTextual()) {
      throw wrong(key, "a string");
    }
    return node(key).textValue();
  }

  String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  boolean bool(String key) {
    if (has(key) && !node(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return node(key).asBoolean(false);
  }

  int positiveInt(String key) {
    JsonNode value = node(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
      throw wrong(key, "a positive integer");
    }
    return value.intValue();
  }

  double number(String key) {
    if (!node(key).isNumber()) {
      throw wrong(key, "a number");
    }
    return node(key).doubleValue();
  }

  /** A list of integers, where a single one counts as a list, and none as an empty list. */
  List<Integer> integers(String key) {
    List<Integer> values = new ArrayList<>();
    for (JsonNode value : elements(key)) {
      if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
        throw wrong(key, "a list of integers");
      }
      values.add(value.intValue());
    }
    return values;
  }

  List<String> texts(String key) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : elements(key)) {
      if (!value.isTextual()) {
        throw wrong(key, "a list of strings");
      }
      values.add(value.textValue());
    }
    return values;
  }

  private Iterable<JsonNode> elements(String key) {
    if (!has(key)) {
      return List.of();
    }
    return node(key).isArray() ? node(key) : List.of(node(key));
  }

  /** Visits the keys of an inner object, if there is one. */
  void object(String key, BiConsumer<PeftJson, String> visitor) {
    if (!has(key)) {
      return;
    }
    if (!node(key).isObject()) {
      throw wrong(key, "an object");
    }
    PeftJson inner = new PeftJson(file, prefix + key + ".", node(key));
    for (Map.Entry<String, JsonNode> entry : inner.fields()) {
      visitor.accept(inner, entry.getKey());
    }
  }

  AdapterException wrong(String key, String expected) {
    return new AdapterException(
        has(key)
            ? file + ": " + prefix + key + " is " + node(key) + ", but must be " + expected + "."
            : file + ": " + prefix + key + " is missing; it must be " + expected + ".");
  }

  AdapterException unsupported(String what, String why) {
    return new AdapterException(file + ": " + what + " is not supported; " + why + ".");
  }
}
