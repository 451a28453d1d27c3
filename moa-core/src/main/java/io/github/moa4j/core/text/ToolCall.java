package io.github.moa4j.core.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A function that the model asks its application to call.
 *
 * @param id what the answer to the call refers to; empty if the model's template has no such thing
 * @param name the function's
 * @param arguments by name: texts, numbers, booleans, null, and lists and maps of them
 */
public record ToolCall(String id, String name, Map<String, Object> arguments) {

  /** Copies the arguments. */
  public ToolCall {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    arguments = PlainValues.copy(arguments, "the arguments of the call of " + name);
  }

  /** A call without id. */
  public static ToolCall of(String name, Map<String, Object> arguments) {
    return new ToolCall("", name, arguments);
  }

  /** The form in which chat templates read a call. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!id.isEmpty()) {
      fields.put("id", id);
    }
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("arguments", arguments);
    fields.put("type", "function");
    fields.put("function", function);
    return fields;
  }
}
