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
  private static final List<String> FIELDS = List.of("name", "tool_calls", "tool_call_id");

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
        message = message.with(field, node.get(field));
      }
    }
    for (String field : REASONING) {
      if (node.get(field) instanceof String reasoning && !reasoning.isBlank()) {
        message = message.with(field, reasoning);
        message = message.reasoning().isPresent() ? message : message.withReasoning(reasoning);
      }
    }
    return message;
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
    if (content == null && ExampleFormat.isSaid(node.get("tool_calls"))) {
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
      if (part instanceof Map<?, ?> map && map.get("text") instanceof String text) {
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
