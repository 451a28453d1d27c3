package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.tool.ToolFormat;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Starts the answers of one mixture. Thread-safe. */
final class OpenAnswers {

  private final RequestGate gate;
  private final TextGenerator generator;
  private final QuestionRouting routing;
  private final AdapterRegistry registry;
  private final PromptEncoder prompts;
  private final int contextLength;
  private final ToolFormat toolFormat;
  private final Optional<Duration> timeLimit;
  private final AnswerReports reports;

  OpenAnswers(
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
    this.prompts = prompts;
    this.contextLength = contextLength;
    this.toolFormat = ToolFormat.of(prompts.template().toolText());
    this.timeLimit = timeLimit;
    this.reports = reports;
  }

  /** Starts an answer that is pulled. */
  OpenAnswer start(Question question) {
    Objects.requireNonNull(question, "question");
    return started(() -> open(question, way(question)));
  }

  /** Starts an answer that is pushed. */
  OpenAnswer start(Question question, QuestionTools tools, Consumer<String> onText) {
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
  OpenAnswer open(Question question, QuestionRoute route) {
    return new OpenAnswer(gate, report(question), generator, tools(question), route);
  }

  /** Returns how a question is to be answered, with the mixture's time limit if it has none. */
  QuestionTools tools(Question question) {
    Question limited =
        question.options().timeLimit().isPresent()
            ? question
            : timeLimit.map(question::within).orElse(question);
    return QuestionTools.of(limited, toolFormat);
  }

  /** Returns the way of a question that is to be answered. */
  QuestionRoute way(Question question) {
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
  RoutingDecision decide(Question question) {
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
    return told(
        () ->
            gate.work(
                () -> routing.route(question, RoutedPrompt.of(question, prompts, contextLength))));
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
