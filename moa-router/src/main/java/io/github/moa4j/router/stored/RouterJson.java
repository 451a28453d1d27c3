package io.github.moa4j.router.stored;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.router.RouterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The values of {@code router.json}, each checked as it is read.
 *
 * @param file the file, for messages
 * @param root its JSON object
 */
record RouterJson(Path file, JsonNode root) {

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static RouterJson read(Path file) {
    try {
      RouterJson json = new RouterJson(file, MAPPER.readTree(Files.readAllBytes(file)));
      if (!json.root.isObject()) {
        throw json.wrong("it does not hold a JSON object");
      }
      return json;
    } catch (NoSuchFileException e) {
      throw new RouterException(
          "There is no file " + file + ". Train a router, or name the directory of one.", e);
    } catch (JsonProcessingException e) {
      throw new RouterException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new RouterException("Cannot read " + file + ": " + e, e);
    }
  }

  void requireVersion(int expected) {
    int version = integer("format_version");
    if (version != expected) {
      throw wrong("its format_version is " + version + ", this version of MoA4J reads " + expected);
    }
  }

  boolean has(String key) {
    return root.has(key);
  }

  String text(String key) {
    JsonNode value = root.path(key);
    if (!value.isTextual()) {
      throw wrong(key + " must be a string");
    }
    return value.textValue();
  }

  double number(String key) {
    JsonNode value = root.path(key);
    if (!value.isNumber()) {
      throw wrong(key + " must be a number");
    }
    return value.doubleValue();
  }

  int integer(String key) {
    return integer(root.path(key), key);
  }

  List<Integer> integers(String key) {
    List<Integer> integers = new ArrayList<>();
    for (JsonNode element : array(key)) {
      integers.add(integer(element, "each of " + key));
    }
    return integers;
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : array(key)) {
      if (!element.isTextual()) {
        throw wrong("each of " + key + " must be a string");
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  RouterException wrong(String problem) {
    return new RouterException("The router file " + file + " cannot be used: " + problem + ".");
  }

  private JsonNode array(String key) {
    JsonNode value = root.path(key);
    if (!value.isArray() || value.isEmpty()) {
      throw wrong(key + " must be a list that is not empty");
    }
    return value;
  }

  private int integer(JsonNode value, String what) {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(what + " must be an integer of 0 or more");
    }
    return value.intValue();
  }
}
