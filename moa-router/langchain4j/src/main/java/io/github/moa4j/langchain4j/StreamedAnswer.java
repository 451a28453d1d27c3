package io.github.moa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one answer and tells its handler, all in one thread. */
final class StreamedAnswer {

  private static final Logger logger = LoggerFactory.getLogger(StreamedAnswer.class);

  private final StreamingChatResponseHandler handler;

  StreamedAnswer(StreamingChatResponseHandler handler) {
    this.handler = handler;
  }

  /** Asks, and tells every piece, then the whole or what went wrong. */
  void tell(MixtureOfLoras mixture, ChatRequest request) {
    try {
      Question question = Questions.of(mixture, request);
      try (AnswerStream stream = mixture.stream(question)) {
        read(stream, question);
      }
    } catch (RuntimeException e) {
      error(Failures.of(e));
    }
  }

  private void read(AnswerStream stream, Question question) {
    Cancelling handle = new Cancelling(stream);
    while (!handle.isCancelled() && stream.hasNext()) {
      PartialResponse piece = new PartialResponse(stream.next());
      guarded(() -> handler.onPartialResponse(piece, new PartialResponseContext(handle)));
    }
    if (!handle.isCancelled()) {
      ChatResponse response = Responses.of(stream.result(), question);
      List<ToolExecutionRequest> calls = response.aiMessage().toolExecutionRequests();
      for (int i = 0; i < calls.size(); i++) {
        tell(i, calls.get(i), handle);
      }
      guarded(() -> handler.onCompleteResponse(response));
    }
  }

  /** A call is known when it is whole: all of its arguments are one part. */
  private void tell(int index, ToolExecutionRequest call, StreamingHandle handle) {
    PartialToolCall arguments =
        PartialToolCall.builder()
            .index(index)
            .id(call.id())
            .name(call.name())
            .partialArguments(call.arguments())
            .build();
    guarded(() -> handler.onPartialToolCall(arguments, new PartialToolCallContext(handle)));
    guarded(() -> handler.onCompleteToolCall(new CompleteToolCall(index, call)));
  }

  /** What the application's own code throws is told to it, and ends nothing. */
  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      error(e);
    }
  }

  private void error(Throwable failure) {
    try {
      handler.onError(failure);
    } catch (RuntimeException e) {
      logger.warn("The handler of an answer failed in onError; this is ignored", e);
    }
  }

  /** Ends an answer before its next token. */
  private static final class Cancelling implements StreamingHandle {

    private final AnswerStream stream;
    private volatile boolean cancelled;

    Cancelling(AnswerStream stream) {
      this.stream = stream;
    }

    @Override
    public void cancel() {
      cancelled = true;
      stream.cancel();
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
