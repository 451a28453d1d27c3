package io.github.moa4j.training.data;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.text.ChatMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One line of a file of examples, in Alpaca or chat form, read and written. */
final class ExampleFormat {

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
    Map<String, Object> node = new LinkedHashMap<>();
    List<ChatMessage> prompt = example.prompt();
    if (prompt.size() == 1) {
      node.put("instruction", example.instruction());
      node.put("input", example.input());
      node.put("output", example.answer());
    } else {
      List<Map<String, Object>> messages = new ArrayList<>();
      for (ChatMessage message : example.conversation()) {
        Map<String, Object> turn = new LinkedHashMap<>();
        turn.put("role", message.role());
        turn.put("content", message.content());
        messages.add(turn);
      }
      node.put("messages", messages);
    }
    return Json.compact(node);
  }

  private Example parse(String text) {
    Object value = Json.value(text, position().strip(), DatasetException::new);
    if (value instanceof List) {
      throw error(
          "holds a JSON array; expected JSON Lines, one object a line"
              + " (jq -c '.[]' FILE turns an array into lines)");
    }
    if (!(value instanceof Map<?, ?> node)) {
      throw error("holds %s; expected a JSON object".formatted(kind(value)));
    }
    for (String field : REFUSED) {
      if (isSaid(node.get(field))) {
        throw error(
            "has the field \"%s\", which is not supported; write all turns as \"messages\""
                .formatted(field));
      }
    }
    boolean alpaca = node.containsKey("instruction") || node.containsKey("output");
    if (alpaca == node.containsKey("messages")) {
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

  /** Whether a value is more than null, blank or without content. */
  private static boolean isSaid(Object value) {
    return !(value == null
        || (value instanceof String text && text.isBlank())
        || (value instanceof List<?> list && list.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty()));
  }

  private Example alpaca(Map<?, ?> node) {
    String instruction = text(node, "instruction", "");
    Object input = node.get("input");
    String addition = input == null ? "" : optionalText(input, "\"input\"");
    String answer = text(node, "output", "");
    return addition.isBlank()
        ? Example.of(instruction, answer)
        : Example.of(instruction, addition, answer);
  }

  private Example chat(Object turns) {
    if (!(turns instanceof List<?> node) || node.size() < 2) {
      throw error(
          "\"messages\" is %s; expected an array of at least two messages"
              .formatted(
                  turns instanceof List<?> list ? "an array of " + list.size() : kind(turns)));
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

  private ChatMessage message(Object turn, String where) {
    if (!(turn instanceof Map<?, ?> node)) {
      throw error("%sis %s; expected {\"role\", \"content\"}".formatted(where, kind(turn)));
    }
    String role = text(node, "role", where);
    if (!ROLES.contains(role)) {
      throw error(
          "%sunknown role \"%s\"; expected \"system\", \"user\" or \"assistant\""
              .formatted(where, Failure.quote(role)));
    }
    if (isSaid(node.get("tool_calls"))) {
      throw error("%shas \"tool_calls\"; write the call as text in \"content\"".formatted(where));
    }
    return new ChatMessage(role, text(node, "content", where));
  }

  private String text(Map<?, ?> node, String field, String where) {
    Object value = node.get(field);
    String name = where + "\"" + field + "\"";
    if (!node.containsKey(field)) {
      throw error(name + " is missing; expected a text");
    }
    String text = optionalText(value, name);
    if (text.isBlank()) {
      throw error("%s is %s; expected a text".formatted(name, text.isEmpty() ? "empty" : "blank"));
    }
    return text;
  }

  private String optionalText(Object value, String name) {
    if (value instanceof String text) {
      return text;
    }
    throw error("%s is %s; expected a text".formatted(name, kind(value)));
  }

  private static String kind(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof List) {
      return "an array";
    }
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof String) {
      return "a text";
    }
    return value instanceof Boolean ? "a boolean" : "a number";
  }

  private DatasetException error(String message) {
    return new DatasetException(position() + message);
  }

  private String position() {
    return "%s, line %d: ".formatted(file, line);
  }
}
