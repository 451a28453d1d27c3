package io.github.moa4j.server;

import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.tool.ToolChoice;
import io.github.moa4j.core.tool.ToolFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The tools of a request to {@code /v1/chat/completions}.
 *
 * @param tools as chat templates read them
 * @param choice whether they may or must be called
 */
record RequestedTools(List<Map<String, Object>> tools, ToolChoice choice) {

  static final RequestedTools NONE = new RequestedTools(List.of(), ToolChoice.auto());

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** Reads {@code tools} and {@code tool_choice}. */
  static RequestedTools read(Fields fields) {
    List<Map<String, Object>> tools = new ArrayList<>();
    if (fields.has("tools")) {
      for (Fields tool : fields.objects("tools")) {
        tools.add(tool(tool));
      }
    }
    var unusedNames = Fields.valid("tools", () -> ToolFormat.names(tools));
    boolean single = fields.has("parallel_tool_calls") && !fields.bool("parallel_tool_calls");
    ToolChoice choice = choice(fields);
    RequestedTools asked = new RequestedTools(tools, single ? choice.atMostOne() : choice);
    if (asked.choice.forces()) {
      // That a call can be held to its schema does not depend on the form of calls.
      var unused =
          Fields.valid("tools", () -> ToolFormat.HERMES.constraint(asked.tools, asked.choice));
    }
    return asked;
  }

  private static Map<String, Object> tool(Fields tool) {
    if (!tool.text("type").equals("function")) {
      throw tool.wrong("type", "function");
    }
    Fields function =
        tool.object("function").orElseThrow(() -> tool.wrong("function", "an object"));
    tool.requireNoOthers();
    if (!NAME.matcher(function.text("name")).matches()) {
      throw function.wrong("name", "up to 64 letters, digits, and . _ -");
    }
    if (function.has("description")) {
      function.text("description");
    }
    if (function.has("parameters") && !(function.any("parameters") instanceof Map<?, ?>)) {
      throw function.wrong("parameters", "a JSON schema");
    }
    function.ignore("strict");
    function.requireNoOthers();
    return tool.values();
  }

  private static ToolChoice choice(Fields fields) {
    if (!fields.has("tool_choice")) {
      return ToolChoice.auto();
    }
    if (fields.any("tool_choice") instanceof String word) {
      return switch (word) {
        case "auto" -> ToolChoice.auto();
        case "none" -> ToolChoice.none();
        case "required" -> ToolChoice.required();
        default -> throw fields.wrong("tool_choice", "none, auto, required, or a function");
      };
    }
    Fields named =
        fields
            .object("tool_choice")
            .orElseThrow(() -> fields.wrong("tool_choice", "none, auto, required, or a function"));
    if (!named.text("type").equals("function")) {
      throw named.wrong("type", "function");
    }
    Fields function =
        named.object("function").orElseThrow(() -> named.wrong("function", "an object"));
    named.requireNoOthers();
    String name = function.text("name");
    function.requireNoOthers();
    return Fields.valid("tool_choice", () -> ToolChoice.named(name));
  }

  /** Returns a conversation with the tools. */
  Conversation in(Conversation conversation) {
    return tools.isEmpty()
        ? conversation
        : Fields.valid("tools", () -> conversation.withTools(tools));
  }
}
