package io.github.moa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialToolCall;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * One answer as LangChain4j's events: pieces of text, then the calls of tools, then the whole. Read
 * by one thread; any may cancel it.
 */
final class AnswerEvents implements AutoCloseable {

  private final Question question;
  private final AnswerStream stream;
  private final Queue<ChatModelStreamingEvent> last = new ArrayDeque<>();
  private boolean textEnded;

  /** Asks. What goes wrong is thrown as the mixture does. */
  AnswerEvents(MixtureOfLoras mixture, ChatRequest request) {
    this.question = Questions.of(request);
    this.stream = mixture.stream(question);
  }

  /** Waits for the next event; empty behind the last. */
  Optional<ChatModelStreamingEvent> next() {
    if (!textEnded && stream.hasNext()) {
      return Optional.of(new PartialResponse(stream.next()));
    }
    if (!textEnded) {
      textEnded = true;
      end(Responses.of(stream.result(), question));
    }
    return Optional.ofNullable(last.poll());
  }

  /** A call is known when it is whole: all of its arguments are one part. */
  private void end(ChatResponse response) {
    List<ToolExecutionRequest> calls = response.aiMessage().toolExecutionRequests();
    for (int i = 0; i < calls.size(); i++) {
      ToolExecutionRequest call = calls.get(i);
      last.add(
          PartialToolCall.builder()
              .index(i)
              .id(call.id())
              .name(call.name())
              .partialArguments(call.arguments())
              .build());
      last.add(new CompleteToolCall(i, call));
    }
    last.add(new CompleteResponse(response));
  }

  /** Ends the answer before its next token. */
  void cancel() {
    stream.cancel();
  }

  @Override
  public void close() {
    stream.close();
  }
}
