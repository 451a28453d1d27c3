package io.github.moa4j.core.generation;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.internal.Graph;
import io.github.moa4j.core.constraint.internal.TokenAutomaton;
import io.github.moa4j.core.constraint.internal.TokenTrie;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Generates answers with one base model. All callers share one batch, which a thread of its own
 * works at: any number of them costs the model little more than one. Thread-safe.
 *
 * <p>Close it before the model. One that is left without requests holds nothing native but the
 * prefixes that it keeps.
 */
public final class TextGenerator implements AutoCloseable {

  private static final int AHEAD = 64; // requests of a list under way, so that the batch is full

  private static final int AUTOMATA = 32; // of constraints, that are kept

  private final BaseModel model;
  private final TextTokenizer tokenizer;
  private final Set<Integer> endTokens;
  private final Slots slots;
  private final Scheduler scheduler;
  private final Map<Constraint, TokenAutomaton> automata =
      new LinkedHashMap<>(16, 0.75f, true); // the one used longest ago first
  private TokenTrie trie; // guarded by automata; null until it is needed

  /** Creates a generator whose answers end where the model's files say; it owns none of these. */
  public TextGenerator(BaseModel model, TextTokenizer tokenizer) {
    this(model, tokenizer, GenerationLimits.of(model));
  }

  /** Creates a generator whose answers end where the model's files say, and keeps to limits. */
  public TextGenerator(BaseModel model, TextTokenizer tokenizer, GenerationLimits limits) {
    this(model, tokenizer, tokenizer.endTokens(), limits);
  }

  /** Creates a generator for prompts of an encoder; it owns neither of these. */
  public TextGenerator(BaseModel model, PromptEncoder prompts) {
    this(model, prompts, GenerationLimits.of(model));
  }

  /** Creates a generator for prompts of an encoder that keeps to limits. */
  public TextGenerator(BaseModel model, PromptEncoder prompts, GenerationLimits limits) {
    this(model, prompts.tokenizer(), prompts.endTokens(), limits);
  }

  private TextGenerator(
      BaseModel model, TextTokenizer tokenizer, Set<Integer> endTokens, GenerationLimits limits) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.endTokens = endTokens;
    this.slots = new Slots(model, limits.cacheBytes());
    this.scheduler = new Scheduler(model, limits, slots);
  }

  /**
   * Generates one answer and hands over its text as it comes.
   *
   * @param onText called in this thread with every new piece of text
   * @throws ContextLengthException if the prompt leaves no room for an answer
   * @throws CacheBudgetException if prompt and answer can never have the memory they need
   * @throws QueueFullException if too many requests are waiting
   */
  public GenerationResult generate(GenerationRequest request, Consumer<String> onText) {
    try (TextStream stream = stream(request)) {
      stream.forEachRemaining(onText);
      return stream.result();
    }
  }

  /**
   * Generates answers to several requests, each through its own adapters.
   *
   * @return the results, in the order of the requests
   * @throws ContextLengthException if a prompt leaves no room for an answer
   * @throws CacheBudgetException if a prompt and its answer can never have the memory they need
   * @throws QueueFullException if too many requests are waiting
   */
  public List<GenerationResult> generate(List<GenerationRequest> requests) {
    for (GenerationRequest request : requests) {
      check(request.prompt(), request.options());
    }
    List<GenerationResult> results = new ArrayList<>();
    Deque<TextStream> running = new ArrayDeque<>();
    try {
      for (GenerationRequest request : requests) {
        if (running.size() == AHEAD) {
          results.add(running.remove().result());
        }
        running.add(stream(request));
      }
      while (!running.isEmpty()) {
        results.add(running.remove().result());
      }
      return results;
    } finally {
      running.forEach(TextStream::cancel);
      running.forEach(TextStream::close);
    }
  }

  /**
   * Starts an answer.
   *
   * @throws ContextLengthException if the prompt leaves no room for an answer
   * @throws CacheBudgetException if prompt and answer can never have the memory they need
   * @throws QueueFullException if too many requests are waiting
   */
  public TextStream stream(GenerationRequest request) {
    return start(request, new TextStream(scheduler::cancel));
  }

  /**
   * Starts an answer that is pushed instead of pulled.
   *
   * @param onText called with every piece of text by the thread that all answers share: it must not
   *     take its time; what it throws is what this answer ends with, and no other
   */
  public TextStream stream(GenerationRequest request, Consumer<String> onText) {
    return start(request, new TextStream(scheduler::cancel, onText));
  }

  private TextStream start(GenerationRequest request, TextStream stream) {
    check(request.prompt(), request.options());
    AnswerRow row =
        new AnswerRow(
            request.prompt(),
            request.options(),
            tokenizer,
            endTokens,
            model.vocabSize(),
            model.contextLength(),
            request.options().constraint().map(this::automaton));
    scheduler.submit(new ScheduledAnswer(request, row, stream));
    return stream;
  }

  /** The automaton of a constraint, of which the last few are kept. */
  private TokenAutomaton automaton(Constraint constraint) {
    synchronized (automata) {
      TokenAutomaton known = automata.get(constraint);
      if (known == null) {
        if (trie == null) {
          trie = new TokenTrie(tokenizer.tokenBytes(), model.vocabSize());
        }
        known = new TokenAutomaton(constraint.unwrap(Graph.class), tokenizer.tokenBytes(), trie);
        automata.put(constraint, known);
        if (automata.size() > AUTOMATA) {
          automata.remove(automata.keySet().iterator().next());
        }
      }
      return known;
    }
  }

  /**
   * Runs a pass of the model between two tokens of the answers under way, and waits for it.
   *
   * @throws io.github.moa4j.core.EngineClosedException if this generator is closed
   */
  public <T> T pass(Callable<T> pass) {
    return scheduler.pass(pass);
  }

  /**
   * How busy a generator is.
   *
   * @param waiting requests that wait for their turn, those that are being routed included
   * @param running sequences in the batch
   * @param cacheBytes native memory of the keys and values of these
   * @param prefixBytes of the keys and values that are kept of ended answers
   */
  public record Load(int waiting, int running, long cacheBytes, long prefixBytes) {}

  /** Returns how busy this generator is, as of its last step. */
  public Load load() {
    return scheduler.load();
  }

  private void check(int[] prompt, GenerationOptions options) {
    int context = model.contextLength();
    if (prompt.length >= context) {
      throw new ContextLengthException(prompt.length + 1, context);
    }
    slots.requireRoom(Math.min(context, (long) prompt.length + options.maxNewTokens()));
  }

  /** Ends what is under way, and waits until it has. */
  @Override
  public void close() {
    scheduler.close();
  }
}
