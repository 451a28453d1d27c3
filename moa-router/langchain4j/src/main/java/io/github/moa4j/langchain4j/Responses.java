package io.github.moa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.Question;
import java.util.List;
import java.util.UUID;

/** A mixture's answers as LangChain4j's responses. */
final class Responses {

  private Responses() {}

  /**
   * Returns an answer as a response. Its model is the domain that answered; if the base did alone,
   * the one that was asked.
   */
  static ChatResponse of(Answer answer, Question question) {
    GenerationResult generation = answer.generation();
    String model =
        answer.decision().chosen().or(question::domain).orElse(MoaChatRequestParameters.AUTO);
    MoaChatResponseMetadata.Builder metadata = MoaChatResponseMetadata.builder();
    metadata
        .answer(answer)
        .id("moa-" + UUID.randomUUID())
        .modelName(model)
        .tokenUsage(new TokenUsage(generation.promptTokens(), generation.tokens().length))
        .finishReason(
            answer.toolCalls().isEmpty()
                ? reason(generation.stopReason())
                : FinishReason.TOOL_EXECUTION);
    return ChatResponse.builder()
        .aiMessage(
            AiMessage.builder().text(text(answer)).toolExecutionRequests(requests(answer)).build())
        .metadata(metadata.build())
        .build();
  }

  /** Returns the calls of an answer, with their arguments as JSON text. */
  static List<ToolExecutionRequest> requests(Answer answer) {
    return answer.toolCalls().stream()
        .map(
            call ->
                ToolExecutionRequest.builder()
                    .id(call.id())
                    .name(call.name())
                    .arguments(Json.compact(call.arguments()))
                    .build())
        .toList();
  }

  /** LangChain4j's messages say nothing by null, as its streams hand over no empty text. */
  private static String text(Answer answer) {
    return answer.text().isEmpty() ? null : answer.text();
  }

  private static FinishReason reason(StopReason reason) {
    return switch (reason) {
      case END_TOKEN, STOP_STRING -> FinishReason.STOP;
      case MAX_NEW_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
      case DEADLINE, CANCELLED -> FinishReason.OTHER;
    };
  }
}
