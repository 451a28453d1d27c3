package io.github.moa4j.spring;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.tool.ToolChoice;
import io.github.moa4j.router.access.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;

/**
 * Spring AI's chat options, with tools and the schema of the answer, and what a mixture knows
 * beyond. Each may be null: then the model's default counts.
 *
 * <p>Spring AI sets tools and schema on a copy of the model's defaults; nothing else should be set
 * on options that are in use.
 */
public final class MoaChatOptions implements ToolCallingChatOptions, StructuredOutputChatOptions {

  /** The model whose router decides who answers. */
  public static final String AUTO = "auto";

  private final DefaultToolCallingChatOptions common = new DefaultToolCallingChatOptions();
  private Set<String> domains;
  private Caller caller;
  private Double minP;
  private Double repetitionPenalty;
  private Long seed;
  private Duration timeLimit;
  private ToolChoice toolChoice;
  private String outputSchema;
  private Constraint constraint;

  private MoaChatOptions() {}

  /** Returns a builder with nothing set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns these options with those of a prompt before them.
   *
   * @param asked may be null
   * @throws MoaException if a mixture cannot do what they ask for
   */
  MoaChatOptions overlaidBy(ChatOptions asked) {
    MoaChatOptions both = copy();
    if (asked != null) {
      both.take(asked);
    }
    return both;
  }

  /** Returns options that change no more when these do. */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Spring AI's signature
  public <T extends ChatOptions> T copy() {
    MoaChatOptions copy = new MoaChatOptions();
    copy.take(this);
    return (T) copy;
  }

  private void take(ChatOptions asked) {
    refuse(asked.getFrequencyPenalty() != null, "a frequency penalty: set a repetition penalty");
    refuse(asked.getPresencePenalty() != null, "a presence penalty: set a repetition penalty");
    common.setModel(first(asked.getModel(), common.getModel()));
    common.setMaxTokens(first(asked.getMaxTokens(), common.getMaxTokens()));
    common.setTemperature(first(asked.getTemperature(), common.getTemperature()));
    common.setTopK(first(asked.getTopK(), common.getTopK()));
    common.setTopP(first(asked.getTopP(), common.getTopP()));
    common.setStopSequences(first(asked.getStopSequences(), common.getStopSequences()));
    if (asked instanceof ToolCallingChatOptions tools) {
      common.setToolCallbacks(
          ToolCallingChatOptions.mergeToolCallbacks(
              tools.getToolCallbacks(), common.getToolCallbacks()));
      common.setToolNames(
          ToolCallingChatOptions.mergeToolNames(tools.getToolNames(), common.getToolNames()));
      common.setToolContext(
          ToolCallingChatOptions.mergeToolContext(tools.getToolContext(), common.getToolContext()));
      common.setInternalToolExecutionEnabled(
          first(tools.getInternalToolExecutionEnabled(), common.getInternalToolExecutionEnabled()));
    }
    if (asked instanceof StructuredOutputChatOptions structured) {
      outputSchema = first(structured.getOutputSchema(), outputSchema);
    }
    if (asked instanceof MoaChatOptions own) {
      domains = first(own.domains, domains);
      caller = first(own.caller, caller);
      minP = first(own.minP, minP);
      repetitionPenalty = first(own.repetitionPenalty, repetitionPenalty);
      seed = first(own.seed, seed);
      timeLimit = first(own.timeLimit, timeLimit);
      toolChoice = first(own.toolChoice, toolChoice);
      constraint = first(own.constraint, constraint);
    }
  }

  private static void refuse(boolean asked, String what) {
    if (asked) {
      throw new MoaException("The chat options ask for what a mixture does not support, " + what);
    }
  }

  private static <T> T first(T asked, T usual) {
    return asked == null ? usual : asked;
  }

  /**
   * Returns these for the answer to what tools said: a call that was forced is not forced again.
   */
  MoaChatOptions afterCalls() {
    MoaChatOptions after = copy();
    if (getToolChoice().forces()) {
      after.toolChoice = ToolChoice.auto();
    }
    return after;
  }

  /**
   * Returns these as the mixture's own.
   *
   * @throws IllegalArgumentException naming the option that is out of its range
   * @throws io.github.moa4j.core.constraint.ConstraintException if an answer cannot be held to the
   *     schema
   */
  GenerationOptions generation() {
    GenerationOptions.Builder options = GenerationOptions.builder();
    Optional.ofNullable(common.getMaxTokens()).ifPresent(options::maxNewTokens);
    Optional.ofNullable(common.getTemperature()).ifPresent(options::temperature);
    Optional.ofNullable(common.getTopK()).ifPresent(options::topK);
    Optional.ofNullable(common.getTopP()).ifPresent(options::topP);
    Optional.ofNullable(minP).ifPresent(options::minP);
    Optional.ofNullable(repetitionPenalty).ifPresent(options::repetitionPenalty);
    Optional.ofNullable(seed).ifPresent(options::seed);
    Optional.ofNullable(common.getStopSequences())
        .ifPresent(all -> all.forEach(options::stopString));
    Optional.ofNullable(timeLimit).ifPresent(options::timeLimit);
    refuse(outputSchema != null && constraint != null, "an output schema and a constraint at once");
    Optional.ofNullable(outputSchema).map(Constraint::jsonSchema).ifPresent(options::constraint);
    Optional.ofNullable(constraint).ifPresent(options::constraint);
    return options.build();
  }

  /** Returns the domains that may answer; empty for all. */
  public Set<String> getDomains() {
    return domains == null ? Set.of() : domains;
  }

  /** Returns who asks; null for the application itself. */
  public Caller getCaller() {
    return caller;
  }

  /** Returns whether tools may, must not or must be called. */
  public ToolChoice getToolChoice() {
    return toolChoice == null ? ToolChoice.auto() : toolChoice;
  }

  /** Returns what the answer is held to, or null. */
  public Constraint getConstraint() {
    return constraint;
  }

  @Override
  public String getOutputSchema() {
    return outputSchema;
  }

  @Override
  public void setOutputSchema(String schema) {
    outputSchema = schema;
  }

  @Override
  public String getModel() {
    return common.getModel();
  }

  @Override
  public Integer getMaxTokens() {
    return common.getMaxTokens();
  }

  @Override
  public Double getTemperature() {
    return common.getTemperature();
  }

  @Override
  public Integer getTopK() {
    return common.getTopK();
  }

  @Override
  public Double getTopP() {
    return common.getTopP();
  }

  @Override
  public List<String> getStopSequences() {
    return common.getStopSequences();
  }

  @Override
  public Double getFrequencyPenalty() {
    return null;
  }

  @Override
  public Double getPresencePenalty() {
    return null;
  }

  @Override
  public List<ToolCallback> getToolCallbacks() {
    return common.getToolCallbacks();
  }

  @Override
  public void setToolCallbacks(List<ToolCallback> value) {
    common.setToolCallbacks(value);
  }

  @Override
  public Set<String> getToolNames() {
    return common.getToolNames();
  }

  @Override
  public void setToolNames(Set<String> value) {
    common.setToolNames(value);
  }

  @Override
  public Map<String, Object> getToolContext() {
    return common.getToolContext();
  }

  @Override
  public void setToolContext(Map<String, Object> value) {
    common.setToolContext(value);
  }

  @Override
  public Boolean getInternalToolExecutionEnabled() {
    return common.getInternalToolExecutionEnabled();
  }

  @Override
  public void setInternalToolExecutionEnabled(Boolean value) {
    common.setInternalToolExecutionEnabled(value);
  }

  /** Builds options; what is not set, or set to null, the model's defaults decide. */
  public static final class Builder {

    private final MoaChatOptions options = new MoaChatOptions();

    private Builder() {}

    /** A domain, or {@value MoaChatOptions#AUTO} to let the router decide. */
    public Builder model(String value) {
      options.common.setModel(value);
      return this;
    }

    /** The domains that may answer; empty for all. */
    public Builder domains(Set<String> value) {
      options.domains = value == null ? null : Set.copyOf(value);
      return this;
    }

    /** Who asks, and so which domains may answer and can be named. */
    public Builder caller(Caller value) {
      options.caller = value;
      return this;
    }

    /** Tokens of an answer, at most. */
    public Builder maxTokens(Integer value) {
      options.common.setMaxTokens(value);
      return this;
    }

    /** 0 takes the most probable token. */
    public Builder temperature(Double value) {
      options.common.setTemperature(value);
      return this;
    }

    /** Most probable tokens that are drawn from; 0 for all. */
    public Builder topK(Integer value) {
      options.common.setTopK(value);
      return this;
    }

    /** Share of probability that is drawn from; 1 for all. */
    public Builder topP(Double value) {
      options.common.setTopP(value);
      return this;
    }

    /** Least share of the best token's probability; 0 for all. */
    public Builder minP(Double value) {
      options.minP = value;
      return this;
    }

    /** Of tokens that occurred; 1 for none. */
    public Builder repetitionPenalty(Double value) {
      options.repetitionPenalty = value;
      return this;
    }

    /** Of the draws. */
    public Builder seed(Long value) {
      options.seed = value;
      return this;
    }

    /** Texts that end an answer. */
    public Builder stopSequences(List<String> value) {
      options.common.setStopSequences(value == null ? null : List.copyOf(value));
      return this;
    }

    /** How long an answer may take, waiting included. */
    public Builder timeLimit(Duration value) {
      options.timeLimit = value;
      return this;
    }

    /** Tools that may be called. */
    public Builder toolCallbacks(List<ToolCallback> value) {
      options.common.setToolCallbacks(value);
      return this;
    }

    /**
     * Whether tools may, must not or must be called; where Spring AI executes the calls, a forced
     * one is the first answer only.
     */
    public Builder toolChoice(ToolChoice value) {
      options.toolChoice = value;
      return this;
    }

    /** Whether calls are executed, as by default, or handed to the application. */
    public Builder internalToolExecutionEnabled(Boolean value) {
      options.common.setInternalToolExecutionEnabled(value);
      return this;
    }

    /** JSON schema that the answer keeps. */
    public Builder outputSchema(String value) {
      options.outputSchema = value;
      return this;
    }

    /** One of some choices, a regular expression or another form that the answer keeps. */
    public Builder constraint(Constraint value) {
      options.constraint = value;
      return this;
    }

    /** Returns the options. */
    public MoaChatOptions build() {
      return options.copy();
    }
  }
}
