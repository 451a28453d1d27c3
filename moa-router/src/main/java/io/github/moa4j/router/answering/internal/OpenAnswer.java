package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.AnswerInterruptedException;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.PromptRouting;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.generation.TextStream;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.tool.SpokenText;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.routing.internal.HeldAdapters;
import io.github.moa4j.router.routing.internal.QuestionRoute;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One question under way: how it comes by its adapters, and its text as it is generated. It is open
 * until the generator has given everything back, whether anybody reads or not. Thread-safe.
 */
public final class OpenAnswer implements PromptRouting {

  private final RequestGate gate;
  private final QuestionRoute route;
  private final QuestionTools tools;
  private final AnswerReports.Report report;
  private final TextStream text;
  private final CompletionStage<GenerationResult> ended; // and reported
  private final CompletableFuture<HeldAdapters> held = new CompletableFuture<>();

  /**
   * Starts to generate an answer to be pulled.
   *
   * @throws MoaException if the generator refuses it
   */
  OpenAnswer(
      RequestGate gate,
      AnswerReports.Report report,
      TextGenerator generator,
      QuestionTools tools,
      QuestionRoute route) {
    this(gate, report, tools, route, self -> generator.stream(self.request()));
  }

  /** Starts to generate an answer that is pushed, in the generator's thread. */
  OpenAnswer(
      RequestGate gate,
      AnswerReports.Report report,
      TextGenerator generator,
      QuestionTools tools,
      QuestionRoute route,
      Consumer<String> onText) {
    this(gate, report, tools, route, self -> generator.stream(self.request(), onText));
  }

  private OpenAnswer(
      RequestGate gate,
      AnswerReports.Report report,
      QuestionTools tools,
      QuestionRoute route,
      Function<OpenAnswer, TextStream> generate) {
    this.gate = gate;
    this.report = report;
    this.tools = tools;
    this.route = route;
    gate.add(this);
    try {
      this.text = generate.apply(this);
    } catch (RuntimeException e) {
      gate.remove(this);
      report.failed(Optional.empty(), e);
      throw e;
    }
    this.ended = text.ended().whenComplete(this::report);
    text.ended().whenComplete((result, failure) -> endWithoutAdapters(failure));
  }

  private void report(GenerationResult result, Throwable failure) {
    Optional<HeldAdapters> who =
        held.isDone() && !held.isCompletedExceptionally()
            ? Optional.of(held.join())
            : Optional.empty();
    if (failure == null) {
      report.answered(who, result);
    } else {
      report.failed(who, told(failure));
    }
  }

  private GenerationRequest request() {
    return route.request(this, tools.options());
  }

  private void endWithoutAdapters(Throwable failure) {
    held.completeExceptionally(
        failure == null ? new MoaException("The answer ended before it was routed.") : failure);
  }

  // What the generator asks, in threads of its own.

  @Override
  public OptionalInt depth() {
    return route.depth();
  }

  @Override
  public Object decide() {
    return gate.work(route::key);
  }

  @Override
  public Object decide(PromptStates states) {
    return gate.work(() -> route.decide(states));
  }

  @Override
  public AdapterChoice hold() {
    HeldAdapters found = gate.work(route::hold);
    try {
      report.begun(found);
    } catch (RuntimeException e) {
      found.close();
      throw e;
    }
    held.complete(found);
    return found.choice();
  }

  @Override
  public void release() {
    route.release();
    if (held.isDone()) {
      held.join().close();
    }
    gate.remove(this);
  }

  // What the application asks.

  /** Waits until it is known who answers. */
  public HeldAdapters held() {
    return read(
        () -> {
          try {
            return held.get();
          } catch (InterruptedException e) {
            text.cancel();
            Thread.currentThread().interrupt();
            throw new AnswerInterruptedException();
          } catch (ExecutionException e) {
            throw (RuntimeException) e.getCause();
          }
        });
  }

  /** Reads the text as it comes; what keeps the answer from its end is told as it is told. */
  public <T> T read(Function<TextStream, T> reading) {
    return read(() -> reading.apply(text));
  }

  private <T> T read(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (NoSuchElementException e) {
      throw e;
    } catch (RuntimeException e) {
      throw told(e);
    }
  }

  /** Returns what passes on the text as it comes. */
  public SpokenText spoken() {
    return tools.spoken();
  }

  /**
   * Checks that what ended was reported, as nobody may get an answer that is in no audit.
   *
   * @throws MoaException if it could not be
   */
  public void requireReported() {
    try {
      ended.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw told(e.getCause());
    }
  }

  /** Waits for the whole answer. */
  public Answer answer() {
    GenerationResult generation = read(TextStream::result);
    requireReported();
    return held().answer(generation, tools.read(generation.text()));
  }

  /**
   * Returns the whole answer to come; whoever completes it otherwise cancels the answer.
   *
   * @param executor runs what depends on it
   */
  public CompletableFuture<Answer> future(Executor executor) {
    CompletableFuture<Answer> future = new CompletableFuture<>();
    text.ended()
        .whenCompleteAsync(
            (generation, failure) -> {
              try {
                future.complete(answer());
              } catch (RuntimeException e) {
                future.completeExceptionally(e);
              }
            },
            executor);
    var unused = future.whenComplete((answer, failure) -> cancel()); // as an ended one cannot be
    return future;
  }

  /** Calls something in the generator's thread when the answer has ended, with what is told. */
  void whenEnded(Consumer<Optional<MoaException>> end) {
    ended.whenComplete(
        (result, failure) -> end.accept(Optional.ofNullable(failure).map(this::told)));
  }

  private MoaException told(Throwable e) {
    Throwable reason = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return reason instanceof EngineClosedException ? gate.closed() : failure(reason);
  }

  /** Returns what a caller is told of something that went wrong with a question. */
  static MoaException failure(Throwable e) {
    return e instanceof MoaException known
        ? known
        : new MoaException("The question cannot be answered: " + e, e);
  }

  /** Asks the answer to end before its next token. */
  public void cancel() {
    text.cancel();
  }

  /** Tells whether it has ended, well or not. */
  public boolean hasEnded() {
    return text.ended().toCompletableFuture().isDone();
  }

  /** Ends the answer where it is, and waits until everything has been given back. */
  public void close() {
    text.close();
  }
}
