package io.github.moa4j.spring;

import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.micrometer.MixtureMeters;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.AnswerStream;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.model.tool.ToolExecutionResult;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * A mixture as a chat model of Spring AI. The model that a prompt's options name is a domain, or
 * {@value MoaChatOptions#AUTO} to let the router decide; the response's metadata say who answered.
 *
 * <p>Both ways throw what {@link MixtureOfLoras#generate(Question)} does. A stream starts at its
 * subscription, in a thread of Reactor's for work that waits; cancelling it ends the answer before
 * its next token. Where the answer calls tools, they are executed and the results answered, unless
 * the options leave that to the application; usage counts all answers then.
 *
 * <p>Thread-safe. All callers share the mixture's batch. The mixture stays its owner's to close.
 */
public final class MoaChatModel implements ChatModel {

  private static final ChatModelObservationConvention CONVENTION =
      new DefaultChatModelObservationConvention();

  private final MixtureOfLoras mixture;
  private final MoaChatOptions defaults;
  private final Tools tools;
  private final ObservationRegistry observations;
  private final ChatModelObservationConvention convention;

  /**
   * Creates a chat model.
   *
   * @param defaults count where a prompt's options leave something open
   * @param tools executes the calls of tools
   * @param eligible decides whether calls are executed, or handed to the application
   * @param observations observes every call; prompts and answers are not written unless the
   *     application asks Spring AI to
   * @param convention how observations are named; Spring AI's if null
   */
  public MoaChatModel(
      MixtureOfLoras mixture,
      MoaChatOptions defaults,
      ToolCallingManager tools,
      BiPredicate<ChatOptions, ChatResponse> eligible,
      ObservationRegistry observations,
      ChatModelObservationConvention convention) {
    this.mixture = Objects.requireNonNull(mixture, "mixture");
    this.defaults = Objects.requireNonNull(defaults, "defaults");
    this.tools =
        new Tools(
            Objects.requireNonNull(tools, "tools"), Objects.requireNonNull(eligible, "eligible"));
    this.observations = Objects.requireNonNull(observations, "observations");
    this.convention = convention == null ? CONVENTION : convention;
  }

  @Override
  public ChatOptions getDefaultOptions() {
    return defaults.copy();
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    Prompt asked = withDefaults(prompt);
    ChatResponse response = answer(asked, null);
    while (tools.executes(asked, response)) {
      ToolExecutionResult results = tools.execute(asked, response);
      if (results.returnDirect()) {
        return Tools.direct(results, response);
      }
      asked = Tools.after(results, options(asked));
      response = answer(asked, response);
    }
    return response;
  }

  private ChatResponse answer(Prompt prompt, ChatResponse previous) {
    Question question = question(prompt);
    ChatModelObservationContext context = context(prompt);
    return observation(context)
        .observe(
            () -> {
              Answer answer = mixture.generate(question);
              ChatResponse response = Responses.whole(answer, question, previous);
              context.setResponse(response);
              return response;
            });
  }

  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return Flux.defer(() -> stream(withDefaults(prompt), null));
  }

  /** Streams an answer, and behind it, where its calls are executed, what follows them. */
  private Flux<ChatResponse> stream(Prompt prompt, ChatResponse previous) {
    AtomicReference<ChatResponse> calling = new AtomicReference<>();
    return answered(prompt, previous, calling)
        .concatWith(
            Flux.defer(
                () -> calling.get() == null ? Flux.empty() : executed(prompt, calling.get())));
  }

  private Flux<ChatResponse> executed(Prompt prompt, ChatResponse calling) {
    ToolExecutionResult results = tools.execute(prompt, calling);
    return results.returnDirect()
        ? Flux.just(Tools.direct(results, calling))
        : stream(Tools.after(results, options(prompt)), calling);
  }

  /**
   * Streams an answer.
   *
   * @param calling is set to the whole answer if its calls are to be executed
   */
  private Flux<ChatResponse> answered(
      Prompt prompt, ChatResponse previous, AtomicReference<ChatResponse> calling) {
    return Flux.deferContextual(
        subscriber -> {
          Question question = question(prompt);
          ChatModelObservationContext context = context(prompt);
          Observation observation = observation(context);
          Observation parent = subscriber.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
          if (parent != null) {
            observation.parentObservation(parent);
          }
          Function<Answer, Optional<ChatResponse>> end =
              answer -> {
                ChatResponse response = Responses.whole(answer, question, previous);
                context.setResponse(response);
                if (tools.executes(prompt, response)) {
                  calling.set(response);
                  return Optional.empty();
                }
                return Optional.of(Responses.end(answer, question, previous));
              };
          observation.start();
          return Flux.using(
                  () -> mixture.stream(question),
                  answer -> pieces(answer, question, end).doOnCancel(answer::cancel),
                  AnswerStream::close)
              .doOnError(observation::error)
              .doFinally(ended -> observation.stop())
              .contextWrite(all -> all.put(ObservationThreadLocalAccessor.KEY, observation))
              .subscribeOn(Schedulers.boundedElastic());
        });
  }

  /** The pieces of text, and behind them what says how the answer ended. */
  private Flux<ChatResponse> pieces(
      AnswerStream answer, Question question, Function<Answer, Optional<ChatResponse>> end) {
    return Flux.generate(
        sink -> {
          if (answer.hasNext()) {
            sink.next(Responses.piece(answer.next(), answer.decision(), question));
            return;
          }
          end.apply(answer.result()).ifPresent(sink::next);
          sink.complete();
        });
  }

  private Prompt withDefaults(Prompt prompt) {
    return new Prompt(
        List.copyOf(prompt.getInstructions()), defaults.overlaidBy(prompt.getOptions()));
  }

  private static MoaChatOptions options(Prompt prompt) {
    return (MoaChatOptions) Objects.requireNonNull(prompt.getOptions());
  }

  private Question question(Prompt prompt) {
    MoaChatOptions options = options(prompt);
    Question question =
        Question.of(
                Conversation.of(Messages.of(prompt.getInstructions())).withTools(tools.of(options)))
            .with(options.generation())
            .calling(options.getToolChoice());
    if (options.getCaller() != null) {
      question = question.as(options.getCaller());
    }
    if (!options.getDomains().isEmpty()) {
      question = question.among(options.getDomains());
    }
    return options.getModel() == null || options.getModel().equals(MoaChatOptions.AUTO)
        ? question
        : question.inDomain(options.getModel());
  }

  private static ChatModelObservationContext context(Prompt prompt) {
    return ChatModelObservationContext.builder()
        .prompt(prompt)
        .provider(MixtureMeters.PROVIDER)
        .build();
  }

  private Observation observation(ChatModelObservationContext context) {
    return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
        convention, CONVENTION, () -> context, observations);
  }
}
