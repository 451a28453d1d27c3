package io.github.moa4j.spring;

import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.text.ToolCall;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.support.UsageCalculator;

/** A mixture's answers as Spring AI's responses. */
final class Responses {

  private Responses() {}

  /**
   * Returns a whole answer.
   *
   * @param previous whose usage counts too; may be null
   */
  static ChatResponse whole(Answer answer, Question question, ChatResponse previous) {
    return ended(answer, question, answer.text(), previous);
  }

  /** Returns how an answer ended whose text is told already. */
  static ChatResponse end(Answer answer, Question question, ChatResponse previous) {
    return ended(answer, question, "", previous);
  }

  /** Returns a piece of an answer. */
  static ChatResponse piece(String text, RoutingDecision decision, Question question) {
    return new ChatResponse(
        List.of(new Generation(new AssistantMessage(text))), metadata(decision, question).build());
  }

  private static ChatResponse ended(
      Answer answer, Question question, String text, ChatResponse previous) {
    GenerationResult generation = answer.generation();
    Usage usage = new DefaultUsage(generation.promptTokens(), generation.tokens().length);
    AssistantMessage message =
        AssistantMessage.builder()
            .content(text)
            .toolCalls(answer.toolCalls().stream().map(Responses::call).toList())
            .build();
    String reason =
        message.hasToolCalls() ? "TOOL_CALLS" : reason(answer.generation().stopReason());
    return new ChatResponse(
        List.of(
            new Generation(message, ChatGenerationMetadata.builder().finishReason(reason).build())),
        metadata(answer.decision(), question)
            .usage(previous == null ? usage : UsageCalculator.getCumulativeUsage(usage, previous))
            .build());
  }

  private static AssistantMessage.ToolCall call(ToolCall call) {
    return new AssistantMessage.ToolCall(
        call.id(), "function", call.name(), Json.compact(call.arguments()));
  }

  private static ChatResponseMetadata.Builder metadata(
      RoutingDecision decision, Question question) {
    ChatResponseMetadata.Builder metadata =
        ChatResponseMetadata.builder()
            .model(model(decision, question))
            .keyValue("confidence", decision.confidence())
            .keyValue("probabilities", decision.probabilities());
    decision.chosen().ifPresent(domain -> metadata.keyValue("domain", domain));
    decision.abstention().ifPresent(why -> metadata.keyValue("abstention", why.name()));
    return metadata;
  }

  /** Returns the domain that answered; if the base did alone, what was asked. */
  static String model(RoutingDecision decision, Question question) {
    return decision.chosen().or(question::domain).orElse(MoaChatOptions.AUTO);
  }

  private static String reason(StopReason reason) {
    return switch (reason) {
      case END_TOKEN, STOP_STRING -> "STOP";
      case MAX_NEW_TOKENS, CONTEXT_FULL -> "LENGTH";
      case DEADLINE, CANCELLED -> "OTHER";
    };
  }
}
