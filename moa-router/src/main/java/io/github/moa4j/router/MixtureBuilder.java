package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.generation.GenerationLimits;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.PromptSettings;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.access.AuditTrail;
import io.github.moa4j.router.routing.internal.RoutingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Settings of a mixture, all optional. */
public final class MixtureBuilder {

  private MixtureDirectory directory;
  private Optional<Path> baseDirectory = Optional.empty();
  private WeightFormat weightFormat = WeightFormat.F32;
  private int contextLength = Integer.MAX_VALUE;
  private Optional<String> chatTemplate = Optional.empty();
  private final Map<String, Object> variables = new LinkedHashMap<>();
  private Optional<RouterKind> routerKind = Optional.empty();
  private Optional<Router> ownRouter = Optional.empty();
  private Optional<Double> abstentionThreshold = Optional.empty();
  private RoutingMode routingMode = RoutingMode.SEQUENCE;
  private int mixedAdapters = 1;
  private Optional<Integer> routingStates = Optional.empty();
  private long adapterMemoryBudget = Long.MAX_VALUE;
  private OptionalLong cacheMemoryBudget = OptionalLong.empty();
  private long prefixMemoryBudget = 256L << 20;
  private int queueLimit = 1024;
  private int batchTokens = 16_384;
  private Optional<Duration> timeLimit = Optional.empty();
  private Duration exitPatience = Duration.ZERO;
  private Optional<AuditTrail> audit = Optional.empty();

  MixtureBuilder(MixtureDirectory directory) {
    this.directory = directory;
  }

  /**
   * What is asked of the signatures of adapters and routers before they are read; off by default.
   */
  public MixtureBuilder signatures(SignaturePolicy value) {
    directory = directory.verifying(value);
    return this;
  }

  /** The keys of adapters and routers that are encrypted; none by default. */
  public MixtureBuilder encryption(Encryption value) {
    directory = directory.encrypted(value);
    return this;
  }

  /**
   * Where the base is. By default it is looked for where it was, seen from the mixture, beside the
   * mixture, and in this machine's cache of the hub.
   */
  public MixtureBuilder base(Path value) {
    baseDirectory = Optional.of(Objects.requireNonNull(value, "base"));
    return this;
  }

  /** The precision of the base; f32 by default. */
  public MixtureBuilder weightFormat(WeightFormat value) {
    weightFormat = Objects.requireNonNull(value, "weightFormat");
    return this;
  }

  /**
   * How many tokens prompt and answer have together at most; by default what the base allows. Each
   * takes the memory of its keys and values, so a base of long contexts may need less here.
   */
  public MixtureBuilder contextLength(int value) {
    if (value < 2) {
      throw new IllegalArgumentException(
          "A context holds at least 2 tokens, one to ask and one to answer, not " + value);
    }
    contextLength = value;
    return this;
  }

  /**
   * The chat template, as text in Jinja; by default the one that the mixture has fixed, else the
   * base's own. Adapters answer best with the one they were trained with.
   */
  public MixtureBuilder chatTemplate(String value) {
    chatTemplate = Optional.of(value);
    return this;
  }

  /**
   * A variable of the chat template, such as {@code enable_thinking}, instead of what the mixture
   * has fixed. A question's own go before it.
   */
  public MixtureBuilder variable(String name, Object value) {
    variables.put(Objects.requireNonNull(name, "name"), value);
    return this;
  }

  /**
   * Which of the mixture's stored routers decides; by default the ridge router, which refuses
   * better what is of no domain, and the layer-wise one for {@link RoutingMode#PER_LAYER}.
   */
  public MixtureBuilder router(RouterKind value) {
    routerKind = Optional.of(value);
    ownRouter = Optional.empty();
    return this;
  }

  /**
   * Lets a router of the application decide, such as one that is made of the adapters, instead of
   * those that the mixture stores. It stays through every {@link MixtureOfLoras#refresh}. What it
   * gives to a domain that the mixture does not have, the base answers. Routing by sequence only.
   */
  public MixtureBuilder router(Router value) {
    ownRouter = Optional.of(Objects.requireNonNull(value, "router"));
    return this;
  }

  /** Below this confidence the base answers alone; by default the router's stored threshold. */
  public MixtureBuilder abstentionThreshold(double value) {
    RoutingDecision.requireThreshold(value);
    abstentionThreshold = Optional.of(value);
    return this;
  }

  /** How the layers' routers become a choice of adapters; one for the sequence by default. */
  public MixtureBuilder routingMode(RoutingMode value) {
    routingMode = Objects.requireNonNull(value, "routingMode");
    return this;
  }

  /**
   * How many of the most probable adapters answer together, their deltas in proportion to their
   * probabilities; 1 by default. Routing by sequence only.
   */
  public MixtureBuilder mixedAdapters(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("At least one adapter answers, not " + value);
    }
    mixedAdapters = value;
    return this;
  }

  /**
   * Lets the router read its first states only, so that its pass over the prompt ends early: k
   * states cost (k - 1) / L of a prefill where the router reads them all. By default all, or fewer
   * where a stored router is very sure of a prompt by its first ones; all of them set here turn
   * that off. Routing by sequence only.
   */
  public MixtureBuilder routingStates(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("A router reads at least one state, not " + value);
    }
    routingStates = Optional.of(value);
    return this;
  }

  /** Bytes of native memory for adapters that no request uses; unlimited by default. */
  public MixtureBuilder adapterMemoryBudget(long value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "The memory budget of adapters is " + value + ", expected 0 or more bytes");
    }
    adapterMemoryBudget = value;
    return this;
  }

  /**
   * Bytes of native memory for keys and values of the answers under way; 4 GiB by default, or as
   * much as the longest sequence of the base needs if that is more. A question waits until its
   * prompt and the longest answer to it fit beside the others, and is refused if they never can. A
   * token takes 2 · layers · key/value heads · head width values.
   */
  public MixtureBuilder cacheMemoryBudget(long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "The memory budget of keys and values is " + value + ", expected 1 or more bytes");
    }
    cacheMemoryBudget = OptionalLong.of(value);
    return this;
  }

  /**
   * Bytes of native memory for keys and values that are kept of ended answers, so that a question
   * that begins as they did (the same system prompt, a conversation that goes on) runs only what is
   * new; 256 MiB by default, 0 keeps none. What was used longest ago goes first.
   */
  public MixtureBuilder prefixMemoryBudget(long value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "The memory budget of prefixes is " + value + ", expected 0 or more bytes");
    }
    prefixMemoryBudget = value;
    return this;
  }

  /**
   * How many questions wait for their turn at most; 1,024 by default. One more is refused with a
   * {@link io.github.moa4j.core.generation.QueueFullException}.
   */
  public MixtureBuilder queueLimit(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("A queue holds at least one question, not " + value);
    }
    queueLimit = value;
    return this;
  }

  /**
   * How many tokens one call of {@link MixtureOfLoras#generate(Iterable,
   * java.util.function.Consumer)} has under way at most, prompts and the longest answers to them
   * together; 16,384 by default. A single question may have more.
   */
  public MixtureBuilder batchTokens(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("A batch needs at least one token, not " + value);
    }
    batchTokens = value;
    return this;
  }

  /**
   * How long a question may take that has no time limit of its own ({@link Question#within}),
   * waiting for its turn included; without limit by default.
   */
  public MixtureBuilder timeLimit(Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException("The time limit of a question is positive, not " + value);
    }
    timeLimit = Optional.of(value);
    return this;
  }

  /**
   * How long the JVM's exit waits for the application to close the mixture before it does so
   * itself, and cuts short what is under way; not at all by default. For applications that close it
   * in a shutdown hook of their own, as Spring's does.
   */
  public MixtureBuilder exitPatience(Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException("The patience at exit is negative: " + value);
    }
    exitPatience = value;
    return this;
  }

  /** What keeps a record of all that is done for callers; nothing by default. */
  public MixtureBuilder audit(AuditTrail value) {
    audit = Optional.of(value);
    return this;
  }

  private RouterKind kind() {
    return routerKind.orElse(
        routingMode == RoutingMode.PER_LAYER ? RouterKind.LAYERWISE : RouterKind.RIDGE);
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
            kind(), ownRouter, routingMode, mixedAdapters, routingStates, abstentionThreshold);
    MixtureOfLoras mixture =
        load(settings, baseDirectory.orElseGet(() -> BaseSearch.find(directory)));
    try {
      mixture.refresh();
      return mixture;
    } catch (AdapterException e) {
      for (Throwable beside : e.getSuppressed()) {
        if (beside instanceof MoaException router && !(beside instanceof AdapterException)) {
          mixture.close();
          throw router;
        }
      }
      return mixture; // all others are at hand; the registry has logged which is not, and why
    } catch (RuntimeException e) {
      mixture.close();
      throw e;
    }
  }

  private MixtureOfLoras load(RoutingSettings settings, Path where) {
    PromptSettings stored = directory.state().prompts();
    Map<String, Object> all = new LinkedHashMap<>(stored.variables());
    all.putAll(variables);
    PromptSettings wanted = new PromptSettings(all, chatTemplate.or(stored::chatTemplate));
    TextTokenizer tokenizer = TextTokenizer.open(where);
    try {
      PromptEncoder prompts = MixturePrompts.encoder(wanted, where, tokenizer);
      return load(settings, stored, prompts, BaseModel.load(where, weightFormat, contextLength));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private MixtureOfLoras load(
      RoutingSettings settings, PromptSettings stored, PromptEncoder prompts, BaseModel base) {
    try {
      return new MixtureOfLoras(
          directory,
          base,
          stored,
          prompts,
          settings,
          adapterMemoryBudget,
          limits(base),
          batchTokens,
          timeLimit,
          exitPatience,
          audit);
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }

  private GenerationLimits limits(BaseModel base) {
    GenerationLimits usual = GenerationLimits.of(base);
    return new GenerationLimits(
        cacheMemoryBudget.orElse(usual.cacheBytes()), prefixMemoryBudget, queueLimit);
  }
}
