package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.router.access.Caller;
import java.time.Duration;
import java.util.Objects;

/**
 * LangChain4j's parameters of a request, and what a mixture knows beyond them. What is null is left
 * to the model's default parameters, and then to {@link GenerationOptions#builder()}: greedy, at
 * most 256 tokens.
 *
 * <p>Immutable.
 */
public final class MoaChatRequestParameters extends DefaultChatRequestParameters {

  /** The name of the model that lets the router decide. */
  public static final String AUTO = "auto";

  private final Long seed;
  private final Double minP;
  private final Double repetitionPenalty;
  private final Duration timeLimit;
  private final Caller caller;
  private final Constraint constraint;

  private MoaChatRequestParameters(Builder builder) {
    super(builder);
    this.seed = builder.seed;
    this.minP = builder.minP;
    this.repetitionPenalty = builder.repetitionPenalty;
    this.timeLimit = builder.timeLimit;
    this.caller = builder.caller;
    this.constraint = builder.constraint;
  }

  /** Returns parameters as these, themselves if they are. */
  static MoaChatRequestParameters of(ChatRequestParameters parameters) {
    return parameters instanceof MoaChatRequestParameters own
        ? own
        : builder().overrideWith(parameters).build();
  }

  /** Starts to make parameters. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns {@link GenerationOptions#seed()}, or null. */
  public Long seed() {
    return seed;
  }

  /** Returns {@link GenerationOptions#minP()}, or null. */
  public Double minP() {
    return minP;
  }

  /** Returns {@link GenerationOptions#repetitionPenalty()}, or null. */
  public Double repetitionPenalty() {
    return repetitionPenalty;
  }

  /** Returns {@link GenerationOptions#timeLimit()}, or null. */
  public Duration timeLimit() {
    return timeLimit;
  }

  /** Returns who asks, or null for the application itself. */
  public Caller caller() {
    return caller;
  }

  /** Returns {@link GenerationOptions#constraint()}, or null. */
  public Constraint constraint() {
    return constraint;
  }

  /** Returns how an answer is generated; IllegalArgumentException where a value is out of range. */
  GenerationOptions options() {
    GenerationOptions.Builder options = GenerationOptions.builder();
    if (maxOutputTokens() != null) {
      options.maxNewTokens(maxOutputTokens());
    }
    if (temperature() != null) {
      options.temperature(temperature());
    }
    if (topP() != null) {
      options.topP(topP());
    }
    if (topK() != null) {
      options.topK(topK());
    }
    stopSequences().forEach(options::stopString);
    if (seed != null) {
      options.seed(seed);
    }
    if (minP != null) {
      options.minP(minP);
    }
    if (repetitionPenalty != null) {
      options.repetitionPenalty(repetitionPenalty);
    }
    if (timeLimit != null) {
      options.timeLimit(timeLimit);
    }
    if (constraint != null) {
      options.constraint(constraint);
    }
    return options.build();
  }

  @Override
  public ChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  @Override
  public ChatRequestParameters defaultedBy(ChatRequestParameters that) {
    return builder().overrideWith(that).overrideWith(this).build();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof MoaChatRequestParameters that
        && Objects.equals(seed, that.seed)
        && Objects.equals(minP, that.minP)
        && Objects.equals(repetitionPenalty, that.repetitionPenalty)
        && Objects.equals(timeLimit, that.timeLimit)
        && Objects.equals(caller, that.caller)
        && Objects.equals(constraint, that.constraint);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(), seed, minP, repetitionPenalty, timeLimit, caller, constraint);
  }

  @Override
  public String toString() {
    return "%s with seed=%s, minP=%s, repetitionPenalty=%s, timeLimit=%s, caller=%s, constraint=%s"
        .formatted(super.toString(), seed, minP, repetitionPenalty, timeLimit, caller, constraint);
  }

  /** Makes parameters; null leaves one open. */
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

    private Long seed;
    private Double minP;
    private Double repetitionPenalty;
    private Duration timeLimit;
    private Caller caller;
    private Constraint constraint;

    private Builder() {}

    /** Takes what other parameters set. */
    @Override
    public Builder overrideWith(ChatRequestParameters parameters) {
      super.overrideWith(parameters);
      if (parameters instanceof MoaChatRequestParameters own) {
        seed = own.seed == null ? seed : own.seed;
        minP = own.minP == null ? minP : own.minP;
        repetitionPenalty =
            own.repetitionPenalty == null ? repetitionPenalty : own.repetitionPenalty;
        timeLimit = own.timeLimit == null ? timeLimit : own.timeLimit;
        caller = own.caller == null ? caller : own.caller;
        constraint = own.constraint == null ? constraint : own.constraint;
      }
      return this;
    }

    /** Makes the draws follow from a seed; see {@link GenerationOptions#seed()}. */
    public Builder seed(Long value) {
      seed = value;
      return this;
    }

    /** Sets {@link GenerationOptions#minP()}. */
    public Builder minP(Double value) {
      minP = value;
      return this;
    }

    /** Sets {@link GenerationOptions#repetitionPenalty()}. */
    public Builder repetitionPenalty(Double value) {
      repetitionPenalty = value;
      return this;
    }

    /** Sets {@link GenerationOptions#timeLimit()}. */
    public Builder timeLimit(Duration value) {
      timeLimit = value;
      return this;
    }

    /** Sets who asks, and so which domains may answer and can be named. */
    public Builder caller(Caller value) {
      caller = value;
      return this;
    }

    /**
     * Holds the answer to one of some choices, a regular expression or what else a constraint says;
     * a schema may be the request's response format as well, but not both. See {@link
     * GenerationOptions#constraint()}.
     */
    public Builder constraint(Constraint value) {
      constraint = value;
      return this;
    }

    /** Returns the parameters. */
    @Override
    public MoaChatRequestParameters build() {
      return new MoaChatRequestParameters(this);
    }
  }
}
