package io.github.moa4j.spring;

import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * A mixture as a chat model of Spring AI. The model that a prompt's options name is a domain, or
 * {@value MoaChatOptions#AUTO} to let the router decide; the response's metadata say who answered.
 *
 * <p>Both ways throw what {@link MixtureOfLoras#generate(Question)} does. A stream starts at its
 * subscription, in a thread of Reactor's for work that waits; cancelling it ends the answer before
 * its next token.
 *
 * <p>Thread-safe. All callers share the mixture's batch. The mixture stays its owner's to close.
 */
public final class MoaChatModel implements ChatModel {

  private static final ChatModelObservationConvention CONVENTION =
      new DefaultChatModelObservationConvention();

  private final MixtureOfLoras mixture;
  private final MoaChatOptions defaults;
  private final MixtureMeters meters;
  private final ObservationRegistry observations;
  private final ChatModelObservationConvention convention;

  /**
   * Creates a chat model.
   *
   * @param defaults count where a prompt's options leave something open
   * @param meters told of every answer
   * @param observations observes every call; prompts and answers are not written unless the
   *     application asks Spring AI to
   * @param convention how observations are named; Spring AI's if null
   */
  public MoaChatModel(
      MixtureOfLoras mixture,
      MoaChatOptions defaults,
      MixtureMeters meters,
      ObservationRegistry observations,
      ChatModelObservationConvention convention) {
    this.mixture = Objects.requireNonNull(mixture, "mixture");
    this.defaults = Objects.requireNonNull(defaults, "defaults");
    this.meters = Objects.requireNonNull(meters, "meters");
    this.observations = Objects.requireNonNull(observations, "observations");
    this.convention = convention == null ? CONVENTION : convention;
  }

  @Override
  public ChatOptions getDefaultOptions() {
    return defaults;
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    MoaChatOptions options = defaults.overlaidBy(prompt.getOptions());
    Question question = question(prompt, options);
    ChatModelObservationContext context = context(prompt, options);
    return observation(context)
        .observe(
            () -> {
              Answer answer = measured(question, () -> mixture.generate(question));
              meters.answered(question, answer);
              ChatResponse response = Responses.whole(answer, question);
              context.setResponse(response);
              return response;
            });
  }

  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return Flux.deferContextual(
        subscriber -> {
          MoaChatOptions options = defaults.overlaidBy(prompt.getOptions());
          Question question = question(prompt, options);
          ChatModelObservationContext context = context(prompt, options);
          Observation observation = observation(context);
          Observation parent = subscriber.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
          if (parent != null) {
            observation.parentObservation(parent);
          }
          observation.start();
          return Flux.using(
                  () -> measured(question, () -> mixture.stream(question)),
                  answer -> pieces(answer, question, context).doOnCancel(answer::cancel),
                  AnswerStream::close)
              .doOnError(observation::error)
              .doFinally(end -> observation.stop())
              .contextWrite(all -> all.put(ObservationThreadLocalAccessor.KEY, observation))
              .subscribeOn(Schedulers.boundedElastic());
        });
  }

  /** The pieces of text, and behind them a response without text that says how it ended. */
  private Flux<ChatResponse> pieces(
      AnswerStream answer, Question question, ChatModelObservationContext context) {
    return Flux.generate(
        sink -> {
          if (measured(question, answer::hasNext)) {
            sink.next(Responses.piece(answer.next(), answer.decision(), question));
            return;
          }
          Answer whole = answer.result();
          meters.answered(question, whole);
          context.setResponse(Responses.whole(whole, question));
          sink.next(Responses.end(whole, question));
          sink.complete();
        });
  }

  private <T> T measured(Question question, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      meters.failed(question, e);
      throw e;
    }
  }

  private static Question question(Prompt prompt, MoaChatOptions options) {
    Question question =
        Question.of(Conversation.of(Messages.of(prompt.getInstructions())))
            .with(options.generation());
    if (options.domains() != null && !options.domains().isEmpty()) {
      question = question.among(options.domains());
    }
    return options.model() == null || options.model().equals(MoaChatOptions.AUTO)
        ? question
        : question.inDomain(options.model());
  }

  private static ChatModelObservationContext context(Prompt prompt, MoaChatOptions options) {
    return ChatModelObservationContext.builder()
        .prompt(new Prompt(List.copyOf(prompt.getInstructions()), options))
        .provider(MixtureMeters.PROVIDER)
        .build();
  }

  private Observation observation(ChatModelObservationContext context) {
    return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
        convention, CONVENTION, () -> context, observations);
  }
}
