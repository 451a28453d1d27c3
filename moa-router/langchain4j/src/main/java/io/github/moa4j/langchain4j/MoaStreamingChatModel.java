package io.github.moa4j.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.github.moa4j.router.MixtureOfLoras;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Flow;

/**
 * {@link MoaChatModel} with the text handed over as it is generated. Each answer has one thread,
 * not the caller's, that calls its handler; what the handler throws is told to its {@code onError},
 * and the answer goes on. One that is cancelled by its handle ends before its next token, and its
 * handler is not called again.
 *
 * <p>Thread-safe. All callers share the mixture's batch. The caller closes the mixture, which ends
 * the answers under way with an error.
 */
public final class MoaStreamingChatModel implements StreamingChatModel {

  private final MixtureOfLoras mixture;
  private final MoaChatRequestParameters defaults;
  private final List<ChatModelListener> listeners;

  private MoaStreamingChatModel(
      MixtureOfLoras mixture,
      MoaChatRequestParameters defaults,
      List<ChatModelListener> listeners) {
    this.mixture = Objects.requireNonNull(mixture, "mixture");
    this.defaults = defaults;
    this.listeners = List.copyOf(listeners);
  }

  /** A model that routes every request, and answers greedily in at most 256 tokens. */
  public static MoaStreamingChatModel of(MixtureOfLoras mixture) {
    return of(mixture, MoaChatRequestParameters.builder().build());
  }

  /**
   * A model with parameters for what a request leaves open.
   *
   * @param defaults LangChain4j's own, or {@link MoaChatRequestParameters}
   * @param listeners told of requests, responses and errors
   * @throws dev.langchain4j.exception.UnsupportedFeatureException if a mixture cannot do what they
   *     ask for
   */
  public static MoaStreamingChatModel of(
      MixtureOfLoras mixture, ChatRequestParameters defaults, ChatModelListener... listeners) {
    Questions.requireSupported(defaults);
    return new MoaStreamingChatModel(
        mixture, MoaChatRequestParameters.of(defaults), List.of(listeners));
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    Questions.requireSupported(request);
    start(() -> new StreamedAnswer(handler).tell(mixture, request));
  }

  /** Asks anew for every subscriber; cancelling its subscription cancels the answer. */
  @Override
  public Flow.Publisher<ChatModelStreamingEvent> doChat(ChatRequest request) {
    return subscriber ->
        start(
            new PublishedAnswer(
                () -> new AnswerEvents(mixture, request),
                Objects.requireNonNull(subscriber, "subscriber")));
  }

  private static void start(Runnable answer) {
    Thread thread = new Thread(answer, "moa-langchain4j");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return defaults;
  }

  @Override
  public List<ChatModelListener> listeners() {
    return listeners;
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  @Override
  public ModelProvider provider() {
    return ModelProvider.OTHER;
  }
}
