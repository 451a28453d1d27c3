package io.github.moa4j.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A JSON object of a file, with typed access whose errors name file and key. A key that is null
 * counts as missing.
 *
 * @param file the file, for messages
 * @param prefix what stands before a key in messages: empty, or the path of an inner object
 * @param node the object
 */
record JsonFile(Path file, String prefix, JsonNode node) {

  /** Refuses what tolerant readers pass over: a key twice, and text behind the end. */
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static JsonFile read(Path file) {
    try {
      JsonNode node = MAPPER.readTree(Files.readAllBytes(file));
      if (!node.isObject()) {
        throw new CheckpointException(file + " does not hold a JSON object.");
      }
      return new JsonFile(file, "", node);
    } catch (NoSuchFileException e) {
      throw new CheckpointException("There is no file " + file + ".", e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + " is not valid JSON: " + e.getOriginalMessage() + where(e), e);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + file + ": " + e, e);
    }
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  JsonFile object(String key) {
    if (!node.path(key).isObject()) {
      throw wrong(key, "an object");
    }
    return new JsonFile(file, prefix + key + ".", node.get(key));
  }

  int positiveInt(String key) {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() <= 0) {
      throw wrong(key, "a positive integer");
    }
    return value.intValue();
  }

  int positiveInt(String key, int otherwise) {
    return has(key) ? positiveInt(key) : otherwise;
  }

  double positiveNumber(String key) {
    JsonNode value = node.path(key);
    double number = value.doubleValue();
    if (!value.isNumber() || !(number > 0) || Double.isInfinite(number)) {
      throw wrong(key, "a positive number");
    }
    return number;
  }

  double positiveNumber(String key, double otherwise) {
    return has(key) ? positiveNumber(key) : otherwise;
  }

  boolean bool(String key, boolean otherwise) {
    if (has(key) && !node.get(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return has(key) ? node.get(key).booleanValue() : otherwise;
  }

  String text(String key) {
    if (!node.path(key).isTextual()) {
      throw wrong(key, "a string");
    }
    return node.get(key).textValue();
  }

  String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  CheckpointException wrong(String key, String expected) {
    return new CheckpointException(
        has(key)
            ? file
                + ": "
                + prefix
                + key
                + " is "
                + node.get(key)
                + ", but must be "
                + expected
                + "."
            : file + ": " + prefix + key + " is missing; it must be " + expected + ".");
  }

  CheckpointException unsupported(String what, String hint) {
    return new CheckpointException(file + ": " + what + " is not supported; " + hint + ".");
  }
}
