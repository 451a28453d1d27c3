package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationLimits;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.router.access.AuditTrail;
import io.github.moa4j.router.answering.internal.AnswerBatches;
import io.github.moa4j.router.answering.internal.AnswerReports;
import io.github.moa4j.router.answering.internal.OpenAnswer;
import io.github.moa4j.router.answering.internal.OpenAnswers;
import io.github.moa4j.router.answering.internal.RequestGate;
import io.github.moa4j.router.monitoring.AnswerObserver;
import io.github.moa4j.router.monitoring.MixtureStatus;
import io.github.moa4j.router.routing.internal.QuestionRouting;
import io.github.moa4j.router.routing.internal.RoutingSettings;
import io.github.moa4j.router.routing.internal.Trials;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;

/**
 * A Mixture-of-LoRAs at work: a frozen base, its adapters, and the router that reads each input and
 * picks the adapter (Feng et al., 2024, arXiv 2403.03432).
 *
 * <pre>{@code
 * try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).open()) {
 *   Answer answer = mixture.generate(Question.of("List all files, hidden ones too"));
 *   System.out.println(answer.decision().chosen() + ": " + answer.text());
 * }
 * }</pre>
 *
 * <p>A broken adapter takes no other domain down: the mixture opens, says what is wrong in the log,
 * and refuses with the same reason the questions of that domain, whether their caller named it or
 * the router chose it. The base alone would answer them badly without anyone noticing. Where
 * adapters are mixed, or each layer chooses for itself, those that cannot be used take no part in
 * other domains' answers, which the log says once, and {@link Answer#adapters} of every answer.
 *
 * <p>Thread-safe. Holds native memory until {@link #close()}, which ends what is running. So does
 * the JVM's exit, by a shutdown hook; see {@link MixtureBuilder#exitPatience}.
 */
public final class MixtureOfLoras implements AutoCloseable {

  private final MixtureDirectory directory;
  private final BaseModel base;
  private final PromptSettings promptSettings; // as the mixture had them when it was opened
  private final PromptEncoder prompts;
  private final AdapterRegistry registry;
  private final Trials trials;
  private final QuestionRouting routing;
  private final RequestGate gate;
  private final TextGenerator generator;
  private final AnswerBatches batches;
  private final AnswerReports reports;
  private final OpenAnswers answers;
  private final MixtureStatusReport status;
  private final Executor executor = ForkJoinPool.commonPool(); // runs what is told asynchronously
  private final Cleaner cleaner = Cleaner.create();
  private boolean freed; // guarded by this

  MixtureOfLoras(
      MixtureDirectory directory,
      BaseModel base,
      PromptSettings promptSettings,
      PromptEncoder prompts,
      RoutingSettings settings,
      long adapterMemoryBudget,
      GenerationLimits limits,
      int batchTokens,
      Optional<Duration> timeLimit,
      Duration exitPatience,
      Optional<AuditTrail> audit) {
    this.directory = directory;
    this.base = base;
    this.promptSettings = promptSettings;
    this.reports = new AnswerReports(audit);
    this.prompts = prompts;
    this.registry =
        new AdapterRegistry(
            base.fingerprint(), base.config(), adapterMemoryBudget, base::sizeInBytes, base::load);
    this.generator = new TextGenerator(base, prompts, limits);
    this.gate = new RequestGate(directory.directory().toString(), generator::close);
    this.trials = new Trials(registry);
    this.routing =
        new QuestionRouting(
            base, prompts, registry, trials, directory.directory(), settings, generator);
    this.answers =
        new OpenAnswers(
            gate, generator, routing, registry, prompts, base.contextLength(), timeLimit, reports);
    this.status = new MixtureStatusReport(trials, routing, gate, generator, reports, Instant.now());
    this.batches = new AnswerBatches(answers::way, answers::open, batchTokens);
    gate.closeAtExit(exitPatience);
  }

  /**
   * Starts to open a mixture.
   *
   * @param directory a mixture directory, with {@code moa.json}
   * @throws MixtureException if it is not one
   */
  public static MixtureBuilder builder(Path directory) {
    return new MixtureBuilder(MixtureDirectory.open(directory));
  }

  /**
   * Takes over what has been committed to the mixture directory since, by this or another process:
   * new, replaced and removed adapters and a new router. Running requests keep what they started
   * with.
   *
   * @throws AdapterException if a new adapter cannot be used; its domain keeps the old one, or is
   *     refused if it has none; all other domains and the router are up to date
   * @throws io.github.moa4j.core.MoaException if the mixture or its router cannot be read or used,
   *     or its prompts are made otherwise now; what was served stays
   * @throws MixtureClosedException if the mixture is closed
   */
  public void refresh() {
    gate.request(() -> gate.work(this::takeOver));
  }

  private synchronized MixtureDirectory takeOver() {
    if (!directory.state().prompts().equals(promptSettings)) {
      throw new MixtureException(
          "The chat template or its variables have changed in the mixture in "
              + directory.directory()
              + " since it was opened, and its new adapters may have learnt with others: open it"
              + " again.");
    }
    try {
      registry.sync(directory);
    } catch (AdapterException e) {
      try {
        routing.reload(directory);
      } catch (MoaException alsoTheRouter) {
        e.addSuppressed(alsoTheRouter);
      }
      throw e;
    }
    routing.reload(directory);
    return directory;
  }

  /** Returns the frozen base. */
  public BaseModel base() {
    return base;
  }

  /** Returns what makes the prompts. */
  public PromptEncoder prompts() {
    return prompts;
  }

  /** Returns the adapters. */
  public AdapterRegistry registry() {
    return registry;
  }

  /**
   * Returns one domain, with the versions of its adapter.
   *
   * @throws AdapterException if there is none of that name
   */
  public MixtureDomain domain(String name) {
    registry.version(name);
    return new MixtureDomain(name, this, trials);
  }

  /** Lets somebody be told of every answer that ends from now on, such as who keeps meters. */
  public void observe(AnswerObserver observer) {
    reports.add(Objects.requireNonNull(observer, "observer"));
  }

  /** Tells an observer no more. */
  public void stopObserving(AnswerObserver observer) {
    reports.remove(observer);
  }

  /** Returns how this mixture is now; cheap enough to be asked every second. */
  public MixtureStatus status() {
    return status.of(this);
  }

  /** Returns the directory the mixture lives in. */
  public MixtureDirectory directory() {
    return directory;
  }

  /**
   * Decides which domain a question belongs to, without answering it.
   *
   * @throws AdapterException if the question names a domain that its caller cannot see, or that
   *     does not exist: nobody can tell which
   * @throws RouterException if there is no router, or it fails
   */
  public RoutingDecision route(Question question) {
    Objects.requireNonNull(question, "question");
    return gate.request(() -> answers.decide(question));
  }

  /**
   * Answers a question.
   *
   * @throws AdapterException if the question names an unknown domain, or its domain's adapter
   *     cannot be used
   * @throws io.github.moa4j.core.model.ContextLengthException if it leaves no room for an answer
   * @throws io.github.moa4j.core.generation.CacheBudgetException if it needs more memory for keys
   *     and values than there may ever be
   * @throws io.github.moa4j.core.generation.QueueFullException if too many questions are waiting
   * @throws io.github.moa4j.core.generation.DeadlineExceededException if the time limit of the
   *     question's options was over before the first token
   * @throws io.github.moa4j.core.generation.AnswerInterruptedException if the thread is interrupted
   *     while it waits; the answer is cancelled
   * @throws MixtureClosedException if the mixture is closed before the answer has ended
   */
  public Answer generate(Question question) {
    return answers.start(question).answer();
  }

  /**
   * Answers a question without a thread that waits. The question is encoded in this thread;
   * everything else is told by the future, which fails with what {@link #generate(Question)}
   * throws. Cancelling it cancels the answer.
   */
  public CompletableFuture<Answer> generateAsync(Question question) {
    try {
      return answers.start(question).future(executor);
    } catch (MoaException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Answers several questions at once, each with the adapter of its own domain. A question that
   * cannot be answered fails alone.
   *
   * @return what came of each, in the order of the questions
   * @throws MixtureClosedException if the mixture is closed meanwhile
   * @throws io.github.moa4j.core.generation.AnswerInterruptedException if the thread is interrupted
   *     while it waits; all that is under way is cancelled
   */
  public List<Outcome> generate(List<Question> questions) {
    List<Outcome> outcomes = new ArrayList<>();
    generate(questions, outcomes::add);
    return outcomes;
  }

  /**
   * Answers any number of questions, many of them at once, and hands over what came of each. So
   * many are under way as {@link MixtureBuilder#batchTokens} allows.
   *
   * @param questions asked for the next one when there is room
   * @param outcomes told in the order of the questions, in this thread; what it throws ends the
   *     work
   * @throws MixtureClosedException if the mixture is closed meanwhile
   * @throws io.github.moa4j.core.generation.AnswerInterruptedException if the thread is interrupted
   *     while it waits; all that is under way is cancelled
   */
  public void generate(Iterable<Question> questions, Consumer<Outcome> outcomes) {
    gate.request(
        () -> {
          batches.answer(questions.iterator(), outcomes);
          return outcomes;
        });
  }

  /**
   * Starts an answer that the caller pulls piece by piece, and closes; waits until it is known who
   * answers. It throws what {@link #generate(Question)} does.
   */
  public AnswerStream stream(Question question) {
    OpenAnswer answer = answers.start(question);
    answer.held();
    return new AnswerStream(answer, cleaner);
  }

  /**
   * Returns the text of an answer as it is generated, for a subscriber that says how much it takes.
   * Every subscription asks the question anew, and is told what {@link #generate(Question)} throws
   * by {@code onError}; one that is cancelled, throws or requests nothing cancels its answer.
   * Nobody waits for a slow subscriber: what it has not asked for yet is kept.
   */
  public Flow.Publisher<String> publish(Question question) {
    return answers.publish(question, executor);
  }

  /** Closes the mixture at once; see {@link #close(Duration)}. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /**
   * Refuses new requests, gives those that are running some time to end, cuts short what is left,
   * and frees the base, the adapters and the tokenizer. What is cut short ends at its next token,
   * and its caller gets a {@link MixtureClosedException}. A second call does nothing. May be called
   * from any thread; an interrupt ends the patience.
   *
   * @param patience how long running requests may go on; none at zero
   */
  public void close(Duration patience) {
    if (patience.isNegative()) {
      throw new IllegalArgumentException("The patience at closing is negative: " + patience);
    }
    gate.drain(patience);
    gate.close();
    free();
  }

  private synchronized void free() {
    if (!freed) {
      freed = true;
      registry.close();
      base.close();
      prompts.tokenizer().close();
      gate.forgetExit();
    }
  }
}
