package io.github.moa4j.training.data;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One line of a file of examples, in Alpaca or chat form, read and written. */
final class ExampleFormat {

  private static final String EXPECTED_FORMS =
      "expected {\"instruction\", \"input\", \"output\"} or {\"messages\"}";

  /** Fields that other programs give a meaning that would be lost here. */
  private static final List<String> REFUSED = List.of("history", "system", "functions");

  private static final String TOOLS = "tools";
  private static final String DOCUMENTS = "documents";
  private static final String VARIABLES = "chat_template_kwargs";

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
    if (!isPlain(example)) {
      putConversation(node, example);
    } else {
      node.put("instruction", example.instruction());
      node.put("input", example.input());
      node.put("output", example.answer());
    }
    return Json.compact(node);
  }

  private static void putConversation(Map<String, Object> node, Example example) {
    node.put("messages", example.conversation().stream().map(MessageFormat::format).toList());
    putUnlessEmpty(node, TOOLS, example.context().tools());
    putUnlessEmpty(node, DOCUMENTS, example.context().documents());
    if (!example.context().variables().isEmpty()) {
      node.put(VARIABLES, example.context().variables());
    }
  }

  /** Whether the Alpaca form holds all of an example. */
  private static boolean isPlain(Example example) {
    Conversation question = Conversation.of(ChatMessage.user(example.question()));
    return example.context().equals(question) && example.reply().fields().isEmpty();
  }

  private static void putUnlessEmpty(Map<String, Object> node, String field, List<?> values) {
    if (!values.isEmpty()) {
      node.put(field, values);
    }
  }

  private Example parse(String text) {
    Object value =
        Json.value(
            text,
            position().strip(),
            (message, cause) ->
                new DatasetException(message + " Expected one JSON object a line.", cause));
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
      return withContext(alpaca ? alpaca(node) : chat(node.get("messages")), node);
    } catch (DatasetException e) {
      throw e;
    } catch (IllegalArgumentException | MoaException e) {
      throw new DatasetException(position() + e.getMessage(), e);
    }
  }

  /** Whether a value is more than null, blank or without content. */
  static boolean isSaid(Object value) {
    return !(value == null
        || (value instanceof String text && text.isBlank())
        || (value instanceof List<?> list && list.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty()));
  }

  /** The example with the tools, documents and template variables of its line. */
  private Example withContext(Example example, Map<?, ?> node) {
    if (!isSaid(node.get(TOOLS)) && !isSaid(node.get(DOCUMENTS)) && !isSaid(node.get(VARIABLES))) {
      return example;
    }
    Conversation context = example.context();
    return new Example(
        new Conversation(
            context.messages(),
            objects(node.get(TOOLS), TOOLS),
            objects(node.get(DOCUMENTS), DOCUMENTS),
            isSaid(node.get(VARIABLES)) ? object(node.get(VARIABLES), VARIABLES) : Map.of()),
        example.reply(),
        example.input());
  }

  /** A list of objects, which some files hold as JSON in a text. */
  private List<Map<String, Object>> objects(Object value, String field) {
    if (!isSaid(value)) {
      return List.of();
    }
    Object list =
        value instanceof String json
            ? Json.value(json, position() + field, DatasetException::new)
            : value;
    if (!(list instanceof List<?> elements)) {
      throw error("\"%s\" is %s; expected an array of objects".formatted(field, kind(list)));
    }
    List<Map<String, Object>> objects = new ArrayList<>();
    elements.forEach(element -> objects.add(object(element, field)));
    return objects;
  }

  private Map<String, Object> object(Object value, String field) {
    if (!(value instanceof Map<?, ?> map)) {
      throw error("\"%s\" has %s; expected objects".formatted(field, kind(value)));
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((key, element) -> object.put((String) key, element));
    return object;
  }

  private Example alpaca(Map<?, ?> node) {
    String instruction = text(node, "instruction");
    Object input = node.get("input");
    String addition = input == null ? "" : optionalText(input, "\"input\"");
    String answer = text(node, "output");
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
      messages.add(
          new MessageFormat("%smessage %d: ".formatted(position(), i + 1)).parse(node.get(i)));
    }
    int last = messages.size() - 1;
    if (!messages.get(last).role().equals("assistant")) {
      throw error(
          "the last message has the role \"%s\"; expected \"assistant\", whose message is the answer"
              .formatted(messages.get(last).role()));
    }
    String asks = messages.get(last - 1).role();
    if (!Example.ANSWERED.contains(asks)) {
      throw error(
          "the message before the last has the role \"%s\"; expected \"user\" or \"tool\""
              .formatted(asks));
    }
    return new Example(Conversation.of(messages.subList(0, last)), messages.get(last), "");
  }

  private String text(Map<?, ?> node, String field) {
    Object value = node.get(field);
    String name = "\"" + field + "\"";
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

  static String kind(Object value) {
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
