package io.github.moa4j.core.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant} or {@code tool}, or what
 *     else the model's chat template knows; letters, digits, {@code _}, {@code -}, {@code .} and
 *     inner spaces
 * @param content what is said; empty where a message only calls tools; the parts of a content given
 *     in parts, a line each
 * @param fields what else chat templates read of a message, under the names they give it: {@code
 *     reasoning_content}, {@code tool_calls}, {@code tool_call_id}, {@code name} and others; texts,
 *     numbers, booleans, null, and lists and maps of them
 */
public record ChatMessage(String role, String content, Map<String, Object> fields) {

  private static final String REASONING = "reasoning_content";
  private static final String TOOL_CALLS = "tool_calls";
  private static final String PARTS = "content";

  /**
   * A template may write a control token around a role ({@code <|user|>}), so a role must not bring
   * other signs with it.
   */
  private static final Pattern ROLE = Pattern.compile("[\\p{L}\\p{N}_.-]+( [\\p{L}\\p{N}_.-]+)*");

  /**
   * Checks the role and copies the fields; the arguments of tool calls given as JSON are parsed.
   */
  public ChatMessage {
    Objects.requireNonNull(content, "content");
    if (!ROLE.matcher(role).matches()) {
      throw new IllegalArgumentException(
          "The role of a chat message must be a word such as system, user, assistant or tool");
    }
    fields = PlainValues.copy(fields, "the fields of a message");
    if (fields.get(TOOL_CALLS) instanceof List<?> calls) {
      Map<String, Object> parsed = new LinkedHashMap<>(fields);
      parsed.put(TOOL_CALLS, calls.stream().map(ChatMessage::withParsedArguments).toList());
      fields = PlainValues.copy(parsed, "the fields of a message");
    }
  }

  /** A message of nothing but text. */
  public ChatMessage(String role, String content) {
    this(role, content, Map.of());
  }

  /** What the user says. */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  /** What the model says. */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }

  /** What rules the conversation. */
  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }

  /** What a tool answers to a call of the message before; an empty id or name is left out. */
  public static ChatMessage tool(String content, String callId, String name) {
    ChatMessage message = new ChatMessage("tool", content);
    message = callId.isEmpty() ? message : message.with("tool_call_id", callId);
    return name.isEmpty() ? message : message.with("name", name);
  }

  /** A message whose content comes in several texts: most templates write them one by one. */
  public static ChatMessage ofParts(String role, List<String> texts) {
    List<Map<String, Object>> parts = new ArrayList<>();
    for (String text : texts) {
      Map<String, Object> part = new LinkedHashMap<>();
      part.put("type", "text");
      part.put("text", text);
      parts.add(part);
    }
    return new ChatMessage(role, String.join("\n", texts)).with(PARTS, parts);
  }

  /** The model's calls of tools, without text. */
  public static ChatMessage calling(ToolCall... calls) {
    List<Map<String, Object>> fields = new ArrayList<>();
    for (ToolCall call : calls) {
      fields.add(call.fields());
    }
    return assistant("").with(TOOL_CALLS, fields);
  }

  /** Returns this message with another content. */
  public ChatMessage withContent(String other) {
    Map<String, Object> rest = new LinkedHashMap<>(fields);
    rest.remove(PARTS);
    return new ChatMessage(role, other, rest);
  }

  /** Returns this message with what the model thought before it spoke. */
  public ChatMessage withReasoning(String reasoning) {
    return with(REASONING, reasoning);
  }

  /** Returns this message with a further field, under the name that chat templates give it. */
  public ChatMessage with(String field, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(fields);
    all.put(field, value);
    return new ChatMessage(role, content, all);
  }

  /** Returns what the model thought before it spoke. */
  public Optional<String> reasoning() {
    return fields.get(REASONING) instanceof String text && !text.isEmpty()
        ? Optional.of(text)
        : Optional.empty();
  }

  /** Returns whether the message calls tools. */
  public boolean callsTools() {
    return fields.get(TOOL_CALLS) instanceof List<?> calls && !calls.isEmpty();
  }

  /** Returns the parts of the content if it was given in parts, as chat templates read them. */
  Optional<List<?>> parts() {
    return fields.get(PARTS) instanceof List<?> parts ? Optional.of(parts) : Optional.empty();
  }

  /** OpenAI's interface gives the arguments as JSON text; chat templates want them as a map. */
  private static Object withParsedArguments(Object call) {
    if (!(call instanceof Map<?, ?> map)) {
      return call;
    }
    Map<Object, Object> parsed = new LinkedHashMap<>(map);
    parsed.computeIfPresent("function", (key, function) -> withParsedArguments(function));
    parsed.computeIfPresent(
        "arguments",
        (key, arguments) ->
            arguments instanceof String json ? parsedArguments(json.strip()) : arguments);
    return parsed;
  }

  /** The arguments of a call without any are often an empty text. */
  private static Object parsedArguments(String json) {
    if (json.isEmpty()) {
      return Map.of();
    }
    return json.startsWith("{") ? PlainValues.parse(json, "the arguments of a tool call") : json;
  }
}
