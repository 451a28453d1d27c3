package io.github.moa4j.server;

import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.text.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The forms that OpenAI's clients expect of an answer. */
enum ReplyFormat {
  /** That of {@code /v1/chat/completions}. */
  CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk"),
  /** That of {@code /v1/completions}. */
  TEXT("cmpl-", "text_completion", "text_completion");

  private final String idPrefix;
  private final String whole;
  private final String piece;

  ReplyFormat(String idPrefix, String whole, String piece) {
    this.idPrefix = idPrefix;
    this.whole = whole;
    this.piece = piece;
  }

  String id(String unique) {
    return idPrefix + unique;
  }

  /** The name of a whole answer's form, or of that of one of its pieces. */
  String object(boolean streamed) {
    return streamed ? piece : whole;
  }

  /** A whole answer. */
  Map<String, Object> choice(int index, String text, List<ToolCall> calls, String finishReason) {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    if (this == CHAT) {
      Map<String, Object> message = new LinkedHashMap<>();
      message.put("role", "assistant");
      message.put("content", calls.isEmpty() || !text.isEmpty() ? text : null);
      message.put("refusal", null);
      if (!calls.isEmpty()) {
        message.put("tool_calls", calls.stream().map(ReplyFormat::call).toList());
      }
      choice.put("message", message);
    } else {
      choice.put("text", text);
    }
    choice.put("logprobs", null);
    choice.put("finish_reason", finishReason);
    return choice;
  }

  /**
   * The pieces that tell of a beginning: in a chat, who speaks. An echoed prompt is a text's first
   * piece.
   */
  List<Map<String, Object>> opening(int index, String echoed) {
    List<Map<String, Object>> pieces = new ArrayList<>();
    if (this == CHAT) {
      Map<String, Object> delta = new LinkedHashMap<>();
      delta.put("role", "assistant");
      delta.put("content", "");
      pieces.add(piece(index, delta, null));
    } else {
      pieces.add(piece(index, echoed, null));
    }
    return pieces;
  }

  /** A piece of text. */
  Map<String, Object> piece(int index, String text) {
    return piece(index, this == CHAT ? Map.of("content", text) : text, null);
  }

  /** A piece with all calls of an answer, which are known when they are whole. */
  Map<String, Object> calls(int index, List<ToolCall> calls) {
    List<Map<String, Object>> deltas = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      Map<String, Object> delta = new LinkedHashMap<>();
      delta.put("index", i);
      delta.putAll(call(calls.get(i)));
      deltas.add(delta);
    }
    return piece(index, Map.of("tool_calls", deltas), null);
  }

  /** A call, its arguments as JSON text. */
  private static Map<String, Object> call(ToolCall call) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    function.put("arguments", Json.compact(call.arguments()));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", call.id());
    fields.put("type", "function");
    fields.put("function", function);
    return fields;
  }

  /** The last piece, which says why the answer ended. */
  Map<String, Object> last(int index, String finishReason) {
    return piece(index, this == CHAT ? Map.of() : "", finishReason);
  }

  private Map<String, Object> piece(int index, Object said, String finishReason) {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    choice.put(this == CHAT ? "delta" : "text", said);
    choice.put("logprobs", null);
    choice.put("finish_reason", finishReason);
    return choice;
  }
}
