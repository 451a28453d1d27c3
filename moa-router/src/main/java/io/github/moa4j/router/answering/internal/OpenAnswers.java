package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.tool.ToolFormat;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.routing.internal.QuestionRoute;
import io.github.moa4j.router.routing.internal.QuestionRouting;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Starts the answers of one mixture. Thread-safe. */
public final class OpenAnswers {

  private final RequestGate gate;
  private final TextGenerator generator;
  private final QuestionRouting routing;
  private final AdapterRegistry registry;
  private final int contextLength;
  private final ToolFormat toolFormat;
  private final Optional<Duration> timeLimit;
  private final AnswerReports reports;

  /** Creates it. */
  public OpenAnswers(
      RequestGate gate,
      TextGenerator generator,
      QuestionRouting routing,
      AdapterRegistry registry,
      PromptEncoder prompts,
      int contextLength,
      Optional<Duration> timeLimit,
      AnswerReports reports) {
    this.gate = gate;
    this.generator = generator;
    this.routing = routing;
    this.registry = registry;
    this.contextLength = contextLength;
    this.toolFormat = ToolFormat.of(prompts.template().toolText());
    this.timeLimit = timeLimit;
    this.reports = reports;
  }

  /** Starts an answer that is pulled. */
  public OpenAnswer start(Question question) {
    Objects.requireNonNull(question, "question");
    return started(() -> open(question, way(question)));
  }

  /**
   * Publishes the text of an answer, which starts anew for every subscriber.
   *
   * @param executor runs the subscribers
   */
  public Flow.Publisher<String> publish(Question question, Executor executor) {
    Objects.requireNonNull(question, "question");
    QuestionTools tools = tools(question);
    int mostPieces = Math.min(question.options().maxNewTokens(), contextLength) + 1;
    return new AnswerPublisher(
        onText -> start(question, tools, onText), tools::spoken, mostPieces, executor);
  }

  /** Starts an answer that is pushed. */
  private OpenAnswer start(Question question, QuestionTools tools, Consumer<String> onText) {
    return started(
        () -> {
          QuestionRoute route = way(question);
          return new OpenAnswer(gate, report(question), generator, tools, route, onText);
        });
  }

  private OpenAnswer started(Supplier<OpenAnswer> start) {
    return gate.request(() -> told(start));
  }

  /** Starts an answer to a question whose way is known. */
  public OpenAnswer open(Question question, QuestionRoute route) {
    return new OpenAnswer(gate, report(question), generator, tools(question), route);
  }

  /** Returns how a question is to be answered, with the mixture's time limit if it has none. */
  private QuestionTools tools(Question question) {
    Question limited =
        question.options().timeLimit().isPresent()
            ? question
            : timeLimit.map(question::within).orElse(question);
    return QuestionTools.of(limited, toolFormat);
  }

  /** Returns the way of a question that is to be answered. */
  public QuestionRoute way(Question question) {
    AnswerReports.Report report = report(question);
    try {
      return route(question);
    } catch (MoaException e) {
      report.failed(Optional.empty(), e);
      throw e;
    }
  }

  private AnswerReports.Report report(Question question) {
    return reports.of(question, question.domain().filter(registry::contains));
  }

  /** Decides on a question that is not answered. */
  public RoutingDecision decide(Question question) {
    AnswerReports.Report report = report(question);
    RoutingDecision decision;
    try {
      decision = told(() -> decision(route(question)));
    } catch (MoaException e) {
      report.refused(e);
      throw e;
    }
    report.routed(decision);
    return decision;
  }

  private RoutingDecision decision(QuestionRoute route) {
    return route.depth().isPresent()
        ? DecisionOnly.of(gate, generator, route)
        : gate.work(route::decision);
  }

  private QuestionRoute route(Question question) {
    return told(() -> gate.work(() -> routing.route(question)));
  }

  /** What the engine throws is told as everything else that goes wrong with a question. */
  private static <T> T told(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      throw OpenAnswer.failure(e);
    }
  }
}
