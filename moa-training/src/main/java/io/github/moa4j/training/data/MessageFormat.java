package io.github.moa4j.training.data;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One message of a conversation in the form that chat interfaces share.
 *
 * @param where file, line and message, for errors
 */
record MessageFormat(String where) {

  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function", "ipython");

  /** Fields that chat templates read. */
  private static final List<String> FIELDS = List.of("name", "tool_call_id");

  private static final String TOOL_CALLS = "tool_calls";

  /** Types of parts that are text, as the interfaces name them; a part without a type is text. */
  private static final Set<String> TEXT_TYPES = Set.of("text", "input_text", "output_text");

  /** Names under which reasoning is found; templates read the first of them, or their own. */
  private static final List<String> REASONING =
      List.of("reasoning_content", "reasoning", "thinking");

  static Map<String, Object> format(ChatMessage message) {
    Map<String, Object> turn = new LinkedHashMap<>();
    turn.put("role", message.role());
    turn.put("content", message.content());
    turn.putAll(message.fields());
    return turn;
  }

  ChatMessage parse(Object turn) {
    if (!(turn instanceof Map<?, ?> node)) {
      throw error("is %s; expected {\"role\", \"content\"}".formatted(ExampleFormat.kind(turn)));
    }
    if (ExampleFormat.isSaid(node.get("function_call"))) {
      throw error("has \"function_call\", which is not supported; write it as \"tool_calls\"");
    }
    ChatMessage message = message(role(node), node);
    for (String field : FIELDS) {
      if (ExampleFormat.isSaid(node.get(field))) {
        message = message.with(field, text(node, field));
      }
    }
    if (ExampleFormat.isSaid(node.get(TOOL_CALLS))) {
      message = message.with(TOOL_CALLS, calls(node.get(TOOL_CALLS)));
    }
    if (ExampleFormat.isSaid(node.get(REASONING.get(0)))) {
      text(node, REASONING.get(0));
    }
    for (String field : REASONING) {
      if (node.get(field) instanceof String reasoning && !reasoning.isBlank()) {
        message = message.with(field, reasoning);
        message = message.reasoning().isPresent() ? message : message.withReasoning(reasoning);
      }
    }
    return message;
  }

  private String text(Map<?, ?> node, String field) {
    if (!(node.get(field) instanceof String text)) {
      throw error(
          "\"%s\" is %s; expected a text".formatted(field, ExampleFormat.kind(node.get(field))));
    }
    return text;
  }

  /** Calls of tools, each with the name of a function: bare or in "function". */
  private List<?> calls(Object calls) {
    if (!(calls instanceof List<?> list)) {
      throw error("\"tool_calls\" is %s; expected an array".formatted(ExampleFormat.kind(calls)));
    }
    for (Object call : list) {
      Object function =
          call instanceof Map<?, ?> map && map.containsKey("function") ? map.get("function") : call;
      if (!(function instanceof Map<?, ?> named && named.get("name") instanceof String)) {
        throw error(
            "\"tool_calls\" has a call without the name of a function; expected"
                + " {\"function\": {\"name\", \"arguments\"}}");
      }
    }
    return list;
  }

  private String role(Map<?, ?> node) {
    if (!node.containsKey("role")) {
      throw error("\"role\" is missing; expected a text");
    }
    if (!(node.get("role") instanceof String role) || !ROLES.contains(role)) {
      throw error(
          "unknown role \"%s\"; expected \"system\", \"user\", \"assistant\" or \"tool\""
              .formatted(Failure.quote(String.valueOf(node.get("role")))));
    }
    return role;
  }

  private ChatMessage message(String role, Map<?, ?> node) {
    Object content = node.get("content");
    if (content instanceof List<?> parts) {
      return ChatMessage.ofParts(role, texts(parts));
    }
    if (content instanceof String text) {
      return new ChatMessage(role, text);
    }
    if (content == null && ExampleFormat.isSaid(node.get(TOOL_CALLS))) {
      return new ChatMessage(role, "");
    }
    throw error(
        node.containsKey("content")
            ? "\"content\" is %s; expected a text".formatted(ExampleFormat.kind(content))
            : "\"content\" is missing; expected a text");
  }

  private List<String> texts(List<?> parts) {
    List<String> texts = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof Map<?, ?> map
          && map.get("text") instanceof String text
          && (map.get("type") == null || TEXT_TYPES.contains(map.get("type")))) {
        texts.add(text);
      } else if (part instanceof Map<?, ?> map) {
        throw error(
            "has a part of type \"%s\"; only parts of type \"text\" are supported"
                .formatted(Failure.quote(String.valueOf(map.get("type")))));
      } else {
        throw error("has %s for a part; expected an object".formatted(ExampleFormat.kind(part)));
      }
    }
    return texts;
  }

  private DatasetException error(String message) {
    return new DatasetException(where + message);
  }
}
