package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.kernel.ComputeType;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PrefilledPrompt;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

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
 * the router chose it. The base alone would answer them badly without anyone noticing.
 *
 * <p>Thread-safe. Holds native memory until {@link #close()}; no request may be running then.
 */
public final class MixtureOfLoras implements AutoCloseable {

  private final MixtureDirectory directory;
  private final BaseModel base;
  private final PromptEncoder prompts;
  private final TextGenerator generator;
  private final AdapterRegistry registry;
  private final PromptRouting routing;
  private final AdapterSelection selection;

  private MixtureOfLoras(
      Builder builder, RoutingSettings routingSettings, PromptEncoder prompts, BaseModel base) {
    this.directory = builder.directory;
    this.prompts = prompts;
    this.base = base;
    this.generator = new TextGenerator(base, prompts);
    this.registry =
        new AdapterRegistry(
            base.fingerprint(), base.config(), builder.adapterMemoryBudget, base::load);
    this.routing = new PromptRouting(base, directory.directory(), routingSettings);
    this.selection = new AdapterSelection(base, registry, routing, routingSettings);
  }

  /**
   * Starts to open a mixture.
   *
   * @param directory a mixture directory, with {@code moa.json}
   * @throws MixtureException if it is not one
   */
  public static Builder builder(Path directory) {
    return new Builder(MixtureDirectory.open(directory));
  }

  /** Settings of a mixture, all optional. */
  public static final class Builder {

    private final MixtureDirectory directory;
    private Optional<Path> baseDirectory = Optional.empty();
    private ComputeType computeType = ComputeType.F32;
    private RouterKind routerKind = RouterKind.LAYERWISE;
    private Optional<Router> ownRouter = Optional.empty();
    private Optional<Double> abstentionThreshold = Optional.empty();
    private RoutingMode routingMode = RoutingMode.SEQUENCE;
    private int mixedAdapters = 1;
    private Optional<Integer> routingStates = Optional.empty();
    private long adapterMemoryBudget = Long.MAX_VALUE;

    private Builder(MixtureDirectory directory) {
      this.directory = directory;
    }

    /** Where the base is; by default where {@code moa.json} says it was. */
    public Builder base(Path value) {
      baseDirectory = Optional.of(value);
      return this;
    }

    /** The precision of the base; f32 by default. */
    public Builder computeType(ComputeType value) {
      computeType = value;
      return this;
    }

    /** Which of the mixture's stored routers decides; the layer-wise one by default. */
    public Builder router(RouterKind value) {
      routerKind = Objects.requireNonNull(value, "router");
      ownRouter = Optional.empty();
      return this;
    }

    /**
     * Lets a router of the application decide, such as one that is made of the adapters, instead of
     * those that the mixture stores. It stays through every {@link MixtureOfLoras#refresh}. What it
     * gives to a domain that the mixture does not have, the base answers. Routing by sequence only.
     */
    public Builder router(Router value) {
      ownRouter = Optional.of(value);
      return this;
    }

    /** Below this confidence the base answers alone; by default the router's stored threshold. */
    public Builder abstentionThreshold(double value) {
      RoutingDecision.requireThreshold(value);
      abstentionThreshold = Optional.of(value);
      return this;
    }

    /** How the layers' routers become a choice of adapters; one for the sequence by default. */
    public Builder routingMode(RoutingMode value) {
      routingMode = value;
      return this;
    }

    /**
     * How many of the most probable adapters answer together, their deltas in proportion to their
     * probabilities; 1 by default. Routing by sequence only.
     */
    public Builder mixedAdapters(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("At least one adapter answers, not " + value);
      }
      mixedAdapters = value;
      return this;
    }

    /**
     * Lets the router read its first states only, so that its pass over the prompt ends early: k
     * states cost (k - 1) / L of a prefill where the router reads them all. All by default. Routing
     * by sequence only.
     */
    public Builder routingStates(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("A router reads at least one state, not " + value);
      }
      routingStates = Optional.of(value);
      return this;
    }

    /** Bytes of native memory for adapters that no request uses; unlimited by default. */
    public Builder adapterMemoryBudget(long value) {
      if (value < 0) {
        throw new IllegalArgumentException(
            "The memory budget of adapters is " + value + ", expected 0 or more bytes");
      }
      adapterMemoryBudget = value;
      return this;
    }

    /**
     * Loads the base and the router; adapters are loaded when they are first needed. An adapter of
     * another base, or with damaged provenance, is logged as a warning, and its domain refused.
     *
     * @throws io.github.moa4j.core.MoaException if a file of the base or the router is missing or
     *     damaged, or the mixture belongs to another base
     */
    public MixtureOfLoras open() {
      RoutingSettings settings =
          new RoutingSettings(
              routerKind,
              ownRouter,
              routingMode,
              mixedAdapters,
              routingStates,
              abstentionThreshold);
      MixtureOfLoras mixture = load(settings, baseDirectory.orElseGet(this::storedBase));
      try {
        mixture.refresh();
        return mixture;
      } catch (AdapterException e) {
        return mixture; // all others are at hand; the registry has logged which is not, and why
      } catch (RuntimeException e) {
        mixture.close();
        throw e;
      }
    }

    private MixtureOfLoras load(RoutingSettings settings, Path where) {
      ChatTemplate template = ChatTemplate.read(where);
      TextTokenizer tokenizer = TextTokenizer.open(where);
      try {
        return new MixtureOfLoras(
            this,
            settings,
            new PromptEncoder(tokenizer, template, Map.of()),
            BaseModel.load(where, computeType));
      } catch (RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    }

    private Path storedBase() {
      return directory
          .state()
          .base()
          .map(Path::of)
          .orElseThrow(
              () ->
                  new MixtureException(
                      "The mixture in "
                          + directory.directory()
                          + " does not say where its base is: name the base's directory."));
    }
  }

  /**
   * Takes over what has been committed to the mixture directory since, by this or another process:
   * new, replaced and removed adapters and a new router. Running requests keep what they started
   * with.
   *
   * @throws AdapterException if a new adapter cannot be used; its domain keeps the old one, or is
   *     refused if it has none; all other domains and the router are up to date
   */
  public void refresh() {
    try {
      registry.sync(directory);
    } catch (AdapterException e) {
      routing.reload(directory);
      throw e;
    }
    routing.reload(directory);
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

  /** Returns the directory the mixture lives in. */
  public MixtureDirectory directory() {
    return directory;
  }

  /** Decides which domain a question belongs to, without answering it. */
  public RoutingDecision route(Question question) {
    return selection.decide(question, prompt(question));
  }

  /**
   * Answers a question.
   *
   * @throws AdapterException if the question names an unknown domain, or its domain's adapter
   *     cannot be used
   * @throws io.github.moa4j.core.model.ContextLengthException if it leaves no room for an answer
   */
  public Answer generate(Question question) {
    try (AnswerStream stream = stream(question)) {
      return stream.result();
    }
  }

  /**
   * Answers several questions in one batch, each with the adapter of its own domain.
   *
   * @return the answers, in the order of the questions
   */
  public List<Answer> generate(List<Question> questions) {
    List<HeldAdapters> adapters = new ArrayList<>();
    try {
      List<GenerationRequest> requests = new ArrayList<>();
      for (Question question : questions) {
        int[] prompt = prompt(question);
        HeldAdapters held = selection.hold(question, prompt, Optional.empty());
        adapters.add(held);
        requests.add(new GenerationRequest(prompt, held.choice(prompt), question.options()));
      }
      List<GenerationResult> results = generator.generate(requests);
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        HeldAdapters held = adapters.get(i);
        answers.add(new Answer(results.get(i), held.decision(), held.duration()));
      }
      return answers;
    } finally {
      adapters.forEach(HeldAdapters::close);
    }
  }

  /**
   * Starts an answer that the caller pulls piece by piece, and closes.
   *
   * @throws AdapterException if the question names an unknown domain, or its domain's adapter
   *     cannot be used
   * @throws io.github.moa4j.core.model.ContextLengthException if it leaves no room for an answer
   */
  public AnswerStream stream(Question question) {
    int[] prompt = prompt(question);
    Optional<PrefilledPrompt> prefilled =
        selection.sharesPrefill(question) ? Optional.of(base.prefill(prompt)) : Optional.empty();
    Optional<HeldAdapters> held = Optional.empty();
    try {
      held = Optional.of(selection.hold(question, prompt, prefilled.map(PrefilledPrompt::states)));
      GenerationRequest request =
          new GenerationRequest(prompt, held.get().choice(prompt), question.options());
      return new AnswerStream(
          prefilled.isPresent()
              ? generator.stream(request, prefilled.get())
              : generator.stream(request),
          held.get());
    } catch (RuntimeException e) {
      prefilled.ifPresent(PrefilledPrompt::close);
      held.ifPresent(HeldAdapters::close);
      throw e;
    }
  }

  private int[] prompt(Question question) {
    return prompts.encode(Conversation.of(question.messages()));
  }

  /** Frees the base, the adapters and the tokenizer. */
  @Override
  public void close() {
    registry.close();
    base.close();
    prompts.tokenizer().close();
  }
}
