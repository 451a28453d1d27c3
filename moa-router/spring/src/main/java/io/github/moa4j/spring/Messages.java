package io.github.moa4j.spring;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.content.MediaContent;

/** Spring AI's messages as those that chat templates read. */
final class Messages {

  private Messages() {}

  /**
   * Returns the messages of a prompt.
   *
   * @throws MoaException if one holds something other than text
   */
  static List<ChatMessage> of(List<Message> messages) {
    if (messages.isEmpty()) {
      throw new MoaException("The prompt has no message: give it at least the user's.");
    }
    return messages.stream().flatMap(Messages::of).toList();
  }

  private static Stream<ChatMessage> of(Message message) {
    if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
      throw new MoaException(
          "The prompt holds a "
              + content.getMedia().iterator().next().getMimeType()
              + ", and a mixture reads nothing but text.");
    }
    if (message instanceof ToolResponseMessage results) {
      return results.getResponses().stream()
          .map(
              result ->
                  ChatMessage.tool(
                      orEmpty(result.responseData()),
                      orEmpty(result.id()),
                      orEmpty(result.name())));
    }
    ChatMessage text =
        new ChatMessage(message.getMessageType().getValue(), orEmpty(message.getText()));
    return Stream.of(
        message instanceof AssistantMessage assistant && assistant.hasToolCalls()
            ? text.with("tool_calls", calls(assistant))
            : text);
  }

  /** As OpenAI's interface writes calls; the arguments, a JSON text, are parsed by the message. */
  private static List<Map<String, Object>> calls(AssistantMessage assistant) {
    List<Map<String, Object>> calls = new ArrayList<>();
    for (AssistantMessage.ToolCall called : assistant.getToolCalls()) {
      Map<String, Object> call = new LinkedHashMap<>();
      call.put("id", orEmpty(called.id()));
      call.put("type", "function");
      call.put("function", Map.of("name", called.name(), "arguments", orEmpty(called.arguments())));
      calls.add(call);
    }
    return calls;
  }

  private static String orEmpty(String text) {
    return Objects.requireNonNullElse(text, "");
  }
}
