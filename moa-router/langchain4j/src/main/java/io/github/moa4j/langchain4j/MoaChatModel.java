package io.github.moa4j.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A mixture as a chat model of LangChain4j. The model's name in a request is a domain, whose
 * adapter then answers, or {@value MoaChatRequestParameters#AUTO}, the default, to let the router
 * decide; the response's metadata is a {@link MoaChatResponseMetadata}.
 *
 * <pre>{@code
 * try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).open()) {
 *   ChatModel model = MoaChatModel.of(mixture);
 *   System.out.println(model.chat("List all files, hidden ones too"));
 * }
 * }</pre>
 *
 * <p>What a mixture cannot do (penalties, images) is refused with an {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}; what goes wrong is told by the children
 * of {@link dev.langchain4j.exception.LangChain4jException}, with what the mixture said as the
 * cause.
 *
 * <p>Thread-safe. All callers share the mixture's batch. The caller closes the mixture.
 */
public final class MoaChatModel implements ChatModel {

  private final MixtureOfLoras mixture;
  private final MoaChatRequestParameters defaults;
  private final List<ChatModelListener> listeners;

  private MoaChatModel(
      MixtureOfLoras mixture,
      MoaChatRequestParameters defaults,
      List<ChatModelListener> listeners) {
    this.mixture = Objects.requireNonNull(mixture, "mixture");
    this.defaults = defaults;
    this.listeners = List.copyOf(listeners);
  }

  /** A model that routes every request, and answers greedily in at most 256 tokens. */
  public static MoaChatModel of(MixtureOfLoras mixture) {
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
  public static MoaChatModel of(
      MixtureOfLoras mixture, ChatRequestParameters defaults, ChatModelListener... listeners) {
    Questions.requireSupported(defaults);
    return new MoaChatModel(mixture, MoaChatRequestParameters.of(defaults), List.of(listeners));
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    Question question = Questions.of(request);
    try {
      return Responses.of(mixture.generate(question), question);
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
  }

  /** Cancelling the future cancels the answer. */
  @Override
  public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
    Question question = Questions.of(request);
    CompletableFuture<Answer> answer = mixture.generateAsync(question);
    CompletableFuture<ChatResponse> response =
        answer.handle(
            (told, failure) -> {
              if (failure != null) {
                throw new CompletionException(Failures.of(failure));
              }
              return Responses.of(told, question);
            });
    var unused = response.whenComplete((told, failure) -> answer.cancel(false));
    return response;
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
