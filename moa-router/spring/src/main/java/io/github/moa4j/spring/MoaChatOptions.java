package io.github.moa4j.spring;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/**
 * Spring AI's chat options, and what a mixture knows beyond. Each may be null: then the model's
 * default counts.
 *
 * @param model a domain, or {@value #AUTO} to let the router decide
 * @param domains the domains that may answer; empty for all
 * @param maxTokens tokens of an answer, at most
 * @param temperature 0 takes the most probable token
 * @param topK most probable tokens that are drawn from; 0 for all
 * @param topP share of probability that is drawn from; 1 for all
 * @param minP least share of the best token's probability; 0 for all
 * @param repetitionPenalty of tokens that occurred; 1 for none
 * @param seed of the draws
 * @param stopSequences texts that end an answer
 * @param timeLimit how long an answer may take, waiting included
 */
public record MoaChatOptions(
    String model,
    Set<String> domains,
    Integer maxTokens,
    Double temperature,
    Integer topK,
    Double topP,
    Double minP,
    Double repetitionPenalty,
    Long seed,
    List<String> stopSequences,
    Duration timeLimit)
    implements ChatOptions {

  /** The model whose router decides who answers. */
  public static final String AUTO = "auto";

  /** Copies the collections. */
  public MoaChatOptions {
    domains = domains == null ? null : Set.copyOf(domains);
    stopSequences = stopSequences == null ? null : List.copyOf(stopSequences);
  }

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
    if (asked == null) {
      return this;
    }
    refuse(asked.getFrequencyPenalty() != null, "a frequency penalty: set a repetition penalty");
    refuse(asked.getPresencePenalty() != null, "a presence penalty: set a repetition penalty");
    refuse(
        asked instanceof ToolCallingChatOptions tools
            && !(tools.getToolCallbacks().isEmpty() && tools.getToolNames().isEmpty()),
        "tools through Spring AI");
    MoaChatOptions own = asked instanceof MoaChatOptions moa ? moa : builder().build();
    return new MoaChatOptions(
        first(asked.getModel(), model),
        first(own.domains, domains),
        first(asked.getMaxTokens(), maxTokens),
        first(asked.getTemperature(), temperature),
        first(asked.getTopK(), topK),
        first(asked.getTopP(), topP),
        first(own.minP, minP),
        first(own.repetitionPenalty, repetitionPenalty),
        first(own.seed, seed),
        first(asked.getStopSequences(), stopSequences),
        first(own.timeLimit, timeLimit));
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
   * Returns these as the mixture's own.
   *
   * @throws IllegalArgumentException naming the option that is out of its range
   */
  GenerationOptions generation() {
    GenerationOptions.Builder options = GenerationOptions.builder();
    Optional.ofNullable(maxTokens).ifPresent(options::maxNewTokens);
    Optional.ofNullable(temperature).ifPresent(options::temperature);
    Optional.ofNullable(topK).ifPresent(options::topK);
    Optional.ofNullable(topP).ifPresent(options::topP);
    Optional.ofNullable(minP).ifPresent(options::minP);
    Optional.ofNullable(repetitionPenalty).ifPresent(options::repetitionPenalty);
    Optional.ofNullable(seed).ifPresent(options::seed);
    Optional.ofNullable(stopSequences).ifPresent(all -> all.forEach(options::stopString));
    Optional.ofNullable(timeLimit).ifPresent(options::timeLimit);
    return options.build();
  }

  @Override
  public String getModel() {
    return model;
  }

  @Override
  public Integer getMaxTokens() {
    return maxTokens;
  }

  @Override
  public Double getTemperature() {
    return temperature;
  }

  @Override
  public Integer getTopK() {
    return topK;
  }

  @Override
  public Double getTopP() {
    return topP;
  }

  @Override
  public List<String> getStopSequences() {
    return stopSequences;
  }

  @Override
  public Double getFrequencyPenalty() {
    return null;
  }

  @Override
  public Double getPresencePenalty() {
    return null;
  }

  /** Returns these: they do not change. */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Spring AI's signature
  public <T extends ChatOptions> T copy() {
    return (T) this;
  }

  /** Builds options; each setting is the component of {@link MoaChatOptions} of its name. */
  public static final class Builder {

    private String model;
    private Set<String> domains;
    private Integer maxTokens;
    private Double temperature;
    private Integer topK;
    private Double topP;
    private Double minP;
    private Double repetitionPenalty;
    private Long seed;
    private List<String> stopSequences;
    private Duration timeLimit;

    private Builder() {}

    /** Sets {@link MoaChatOptions#model()}. */
    public Builder model(String value) {
      model = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#domains()}. */
    public Builder domains(Set<String> value) {
      domains = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#maxTokens()}. */
    public Builder maxTokens(Integer value) {
      maxTokens = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#temperature()}. */
    public Builder temperature(Double value) {
      temperature = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#topK()}. */
    public Builder topK(Integer value) {
      topK = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#topP()}. */
    public Builder topP(Double value) {
      topP = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#minP()}. */
    public Builder minP(Double value) {
      minP = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#repetitionPenalty()}. */
    public Builder repetitionPenalty(Double value) {
      repetitionPenalty = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#seed()}. */
    public Builder seed(Long value) {
      seed = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#stopSequences()}. */
    public Builder stopSequences(List<String> value) {
      stopSequences = value;
      return this;
    }

    /** Sets {@link MoaChatOptions#timeLimit()}. */
    public Builder timeLimit(Duration value) {
      timeLimit = value;
      return this;
    }

    /** Returns the options. */
    public MoaChatOptions build() {
      return new MoaChatOptions(
          model,
          domains,
          maxTokens,
          temperature,
          topK,
          topP,
          minP,
          repetitionPenalty,
          seed,
          stopSequences,
          timeLimit);
    }
  }
}
