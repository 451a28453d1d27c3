package io.github.moa4j.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.text.ChatMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One line of a file of examples, in Alpaca or chat form, read and written. */
final class ExampleFormat {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final String EXPECTED_FORMS =
      "expected {\"instruction\", \"input\", \"output\"} or {\"messages\"}";
  private static final Set<String> ROLES = Set.of("system", "user", "assistant");

  /** Fields that other programs give a meaning that would be lost here. */
  private static final List<String> REFUSED = List.of("history", "system", "tools", "functions");

  private final Path file;
  private final int line;

  private ExampleFormat(Path file, int line) {
    this.file = file;
    this.line = line;
  }

  /** Reads one line; {@code file} and {@code number} are named in errors. */
  static Example parse(String line, Path file, int number) {
    return new ExampleFormat(file, number).parse(line);
  }

  /** Writes an example on one line, without the line end. */
  static String format(Example example) {
    ObjectNode node = JSON.createObjectNode();
    List<ChatMessage> prompt = example.prompt();
    if (prompt.size() == 1) {
      node.put("instruction", example.instruction());
      node.put("input", example.input());
      node.put("output", example.answer());
    } else {
      ArrayNode messages = node.putArray("messages");
      for (ChatMessage message : example.conversation()) {
        messages.addObject().put("role", message.role()).put("content", message.content());
      }
    }
    return node.toString();
  }

  private Example parse(String text) {
    JsonNode node = json(text);
    if (node.isArray()) {
      throw error(
          "holds a JSON array; expected JSON Lines, one object a line"
              + " (jq -c '.[]' FILE turns an array into lines)");
    }
    if (!node.isObject()) {
      throw error("holds %s; expected a JSON object".formatted(kind(node)));
    }
    for (String field : REFUSED) {
      if (!node.path(field).isEmpty() || !node.path(field).asText("").isBlank()) {
        throw error(
            "has the field \"%s\", which is not supported; write all turns as \"messages\""
                .formatted(field));
      }
    }
    boolean alpaca = node.has("instruction") || node.has("output");
    if (alpaca == node.has("messages")) {
      throw error(
          alpaca
              ? "has \"messages\" beside \"instruction\" or \"output\"; " + EXPECTED_FORMS
              : "has neither \"instruction\" nor \"messages\"; " + EXPECTED_FORMS);
    }
    try {
      return alpaca ? alpaca(node) : chat(node.get("messages"));
    } catch (IllegalArgumentException e) {
      throw new DatasetException(position() + e.getMessage(), e);
    }
  }

  private JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new DatasetException(
          "%sis not valid JSON at column %d: %s; expected one JSON object a line"
              .formatted(position(), column, e.getOriginalMessage()),
          e);
    }
  }

  private Example alpaca(JsonNode node) {
    String instruction = text(node, "instruction", "");
    JsonNode input = node.path("input");
    String addition =
        input.isMissingNode() || input.isNull() ? "" : optionalText(input, "\"input\"");
    String answer = text(node, "output", "");
    return addition.isBlank()
        ? Example.of(instruction, answer)
        : Example.of(instruction, addition, answer);
  }

  private Example chat(JsonNode node) {
    if (!node.isArray() || node.size() < 2) {
      throw error(
          "\"messages\" is %s; expected an array of at least two messages"
              .formatted(node.isArray() ? "an array of " + node.size() : kind(node)));
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      messages.add(message(node.get(i), "message %d: ".formatted(i + 1)));
    }
    int last = messages.size() - 1;
    if (!messages.get(last).role().equals("assistant")) {
      throw error(
          "the last message has the role \"%s\"; expected \"assistant\", whose message is the answer"
              .formatted(messages.get(last).role()));
    }
    if (!messages.get(last - 1).role().equals("user")) {
      throw error(
          "the message before the last has the role \"%s\"; expected \"user\""
              .formatted(messages.get(last - 1).role()));
    }
    return new Example(messages.subList(0, last), messages.get(last).content());
  }

  private ChatMessage message(JsonNode node, String where) {
    if (!node.isObject()) {
      throw error("%sis %s; expected {\"role\", \"content\"}".formatted(where, kind(node)));
    }
    String role = text(node, "role", where);
    if (!ROLES.contains(role)) {
      throw error(
          "%sunknown role \"%s\"; expected \"system\", \"user\" or \"assistant\""
              .formatted(where, role));
    }
    if (!node.path("tool_calls").isEmpty()) {
      throw error("%shas \"tool_calls\"; write the call as text in \"content\"".formatted(where));
    }
    return new ChatMessage(role, text(node, "content", where));
  }

  private String text(JsonNode node, String field, String where) {
    JsonNode value = node.path(field);
    String name = where + "\"" + field + "\"";
    if (value.isMissingNode()) {
      throw error(name + " is missing; expected a text");
    }
    String text = optionalText(value, name);
    if (text.isBlank()) {
      throw error("%s is %s; expected a text".formatted(name, text.isEmpty() ? "empty" : "blank"));
    }
    return text;
  }

  private String optionalText(JsonNode value, String name) {
    if (!value.isTextual()) {
      throw error("%s is %s; expected a text".formatted(name, kind(value)));
    }
    return value.textValue();
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> "null";
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> "a text";
      default -> "a " + node.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }

  private DatasetException error(String message) {
    return new DatasetException(position() + message);
  }

  private String position() {
    return "%s, line %d: ".formatted(file, line);
  }
}
