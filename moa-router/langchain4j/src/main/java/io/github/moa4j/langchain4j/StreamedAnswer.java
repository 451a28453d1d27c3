package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.github.moa4j.router.MixtureOfLoras;
import java.util.Optional;
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
    try (AnswerEvents events = new AnswerEvents(mixture, request)) {
      Cancelling handle = new Cancelling(events);
      Optional<ChatModelStreamingEvent> event = events.next();
      while (event.isPresent() && !handle.isCancelled()) {
        tell(event.get(), handle);
        event = handle.isCancelled() ? Optional.empty() : events.next();
      }
    } catch (RuntimeException e) {
      error(Failures.of(e));
    }
  }

  /** What the application's own code throws is told to it, and ends nothing. */
  private void tell(ChatModelStreamingEvent event, StreamingHandle handle) {
    try {
      if (event instanceof PartialResponse piece) {
        handler.onPartialResponse(piece, new PartialResponseContext(handle));
      } else if (event instanceof PartialToolCall part) {
        handler.onPartialToolCall(part, new PartialToolCallContext(handle));
      } else if (event instanceof CompleteToolCall call) {
        handler.onCompleteToolCall(call);
      } else if (event instanceof CompleteResponse whole) {
        handler.onCompleteResponse(whole.chatResponse());
      }
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

    private final AnswerEvents events;
    private volatile boolean cancelled;

    Cancelling(AnswerEvents events) {
      this.events = events;
    }

    @Override
    public void cancel() {
      cancelled = true;
      events.cancel();
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
