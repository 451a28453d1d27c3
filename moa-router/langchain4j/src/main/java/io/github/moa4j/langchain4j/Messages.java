package io.github.moa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** LangChain4j's messages as those that chat templates read. */
final class Messages {

  private Messages() {}

  static List<io.github.moa4j.core.text.ChatMessage> of(List<ChatMessage> messages) {
    return messages.stream().map(Messages::of).toList();
  }

  private static io.github.moa4j.core.text.ChatMessage of(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return io.github.moa4j.core.text.ChatMessage.system(system.text());
    }
    if (message instanceof UserMessage user) {
      return of(user);
    }
    if (message instanceof AiMessage assistant) {
      return of(assistant);
    }
    if (message instanceof ToolExecutionResultMessage result) {
      return of(result);
    }
    throw unsupported("messages of type " + message.type());
  }

  private static io.github.moa4j.core.text.ChatMessage of(UserMessage user) {
    io.github.moa4j.core.text.ChatMessage message = of("user", user.contents());
    return user.name() == null ? message : message.with("name", user.name());
  }

  private static io.github.moa4j.core.text.ChatMessage of(ToolExecutionResultMessage result) {
    io.github.moa4j.core.text.ChatMessage message = of("tool", result.contents());
    message = isEmpty(result.id()) ? message : message.with("tool_call_id", result.id());
    return isEmpty(result.toolName()) ? message : message.with("name", result.toolName());
  }

  private static io.github.moa4j.core.text.ChatMessage of(String role, List<Content> contents) {
    List<String> texts = new ArrayList<>();
    for (Content content : contents) {
      texts.add(((TextContent) content).text());
    }
    return texts.size() == 1
        ? new io.github.moa4j.core.text.ChatMessage(role, texts.get(0))
        : io.github.moa4j.core.text.ChatMessage.ofParts(role, texts);
  }

  private static boolean isEmpty(String text) {
    return text == null || text.isEmpty();
  }

  private static io.github.moa4j.core.text.ChatMessage of(AiMessage assistant) {
    io.github.moa4j.core.text.ChatMessage message =
        io.github.moa4j.core.text.ChatMessage.assistant(orEmpty(assistant.text()));
    if (assistant.thinking() != null) {
      message = message.withReasoning(assistant.thinking());
    }
    List<Map<String, Object>> calls = new ArrayList<>();
    for (ToolExecutionRequest request : assistant.toolExecutionRequests()) {
      calls.add(call(request));
    }
    return calls.isEmpty() ? message : message.with("tool_calls", calls);
  }

  /** As OpenAI's interface writes a call; the arguments, a JSON text, are parsed by the message. */
  private static Map<String, Object> call(ToolExecutionRequest request) {
    Map<String, Object> call = new LinkedHashMap<>();
    if (request.id() != null) {
      call.put("id", request.id());
    }
    call.put("type", "function");
    call.put("function", Map.of("name", request.name(), "arguments", orEmpty(request.arguments())));
    return call;
  }

  /** Checks that users and tools say nothing but text. */
  static void requireText(List<ChatMessage> messages) {
    for (ChatMessage message : messages) {
      if (message instanceof UserMessage user) {
        requireTexts(user.contents());
      } else if (message instanceof ToolExecutionResultMessage result) {
        requireTexts(result.contents());
      }
    }
  }

  private static void requireTexts(List<Content> contents) {
    for (Content content : contents) {
      if (content.type() != ContentType.TEXT) {
        throw unsupported("contents of type " + content.type().toString().toLowerCase(Locale.ROOT));
      }
    }
  }

  private static UnsupportedFeatureException unsupported(String feature) {
    return new UnsupportedFeatureException("A mixture does not support " + feature);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
