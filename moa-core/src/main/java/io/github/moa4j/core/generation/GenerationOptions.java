package io.github.moa4j.core.generation;

import io.github.moa4j.core.constraint.Constraint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How an answer is sampled and when it ends. The filters apply in this order: repetition penalty,
 * temperature, top-k, top-p, min-p.
 *
 * @param maxNewTokens at most that many tokens are generated; at least 1
 * @param temperature 0 takes the most probable token (greedy); otherwise logits are divided by it
 * @param topK keep the k most probable tokens; 0 keeps all
 * @param topP keep the smallest set of most probable tokens whose sum reaches this (Holtzman et
 *     al., 2020); 1 keeps all
 * @param minP keep tokens at least this share as probable as the best; 0 keeps all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that occurred
 *     (Keskar et al., 2019); 1 for none
 * @param seeded whether the random draws follow from the seed and the prompt: the same request then
 *     gives the same answer, in whatever batch it runs; otherwise every answer draws anew
 * @param seed of the random draws, 0 if they are not seeded; several answers to one prompt differ
 *     only by different seeds
 * @param stopTokens ids that end the answer, besides the model's own end tokens
 * @param stopStrings texts that end the answer
 * @param timeLimit how long the whole request may take from its coming, waiting for its turn
 *     included: an answer that has begun is cut short then, one that has not begun fails with a
 *     {@link DeadlineExceededException}; empty for any time
 * @param constraint what the text must be; empty for any text
 * @param logProbabilities tells with each token how probable the model found it, and this many of
 *     the most probable tokens at its place, 0 to 100; empty for neither. See {@link
 *     GenerationResult#logProbabilities}
 */
public record GenerationOptions(
    int maxNewTokens,
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    boolean seeded,
    long seed,
    Set<Integer> stopTokens,
    List<String> stopStrings,
    Optional<Duration> timeLimit,
    Optional<Constraint> constraint,
    OptionalInt logProbabilities) {

  private static final int MOST_LOG_PROBABILITIES = 100;

  /** Validates the components. */
  public GenerationOptions {
    require(maxNewTokens >= 1, "maxNewTokens must be at least 1", maxNewTokens);
    require(temperature >= 0 && temperature < 1e6, "temperature must be 0 or more", temperature);
    require(topK >= 0, "topK must be 0 (all) or more", topK);
    require(topP > 0 && topP <= 1, "topP must be in (0, 1]", topP);
    require(minP >= 0 && minP <= 1, "minP must be in [0, 1]", minP);
    require(
        repetitionPenalty > 0 && repetitionPenalty < 1e6,
        "repetitionPenalty must be positive",
        repetitionPenalty);
    require(seeded || seed == 0, "a seed counts only if seeded is true", seed);
    stopTokens = Set.copyOf(stopTokens);
    stopStrings = List.copyOf(stopStrings);
    require(
        timeLimit.filter(limit -> limit.isZero() || limit.isNegative()).isEmpty(),
        "the time limit must be positive",
        timeLimit);
    require(
        logProbabilities.isEmpty()
            || (logProbabilities.getAsInt() >= 0
                && logProbabilities.getAsInt() <= MOST_LOG_PROBABILITIES),
        "logProbabilities must be in 0 to " + MOST_LOG_PROBABILITIES,
        logProbabilities);
    require(stopStrings.stream().noneMatch(String::isEmpty), "a stop string is empty", stopStrings);
    // It would cut the text within a character.
    require(
        stopStrings.stream().allMatch(StandardCharsets.UTF_8.newEncoder()::canEncode),
        "a stop string has half a character, a surrogate without its other one",
        stopStrings);
  }

  private static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }

  /** Greedy decoding of at most that many tokens. */
  public static GenerationOptions greedy(int maxNewTokens) {
    return builder().maxNewTokens(maxNewTokens).build();
  }

  /** Returns these options with another time limit. */
  public GenerationOptions withTimeLimit(Duration limit) {
    return toBuilder().timeLimit(limit).build();
  }

  /** Returns these options with another constraint. */
  public GenerationOptions withConstraint(Constraint other) {
    return toBuilder().constraint(other).build();
  }

  private Builder toBuilder() {
    Builder builder = new Builder();
    builder.maxNewTokens = maxNewTokens;
    builder.temperature = temperature;
    builder.topK = topK;
    builder.topP = topP;
    builder.minP = minP;
    builder.repetitionPenalty = repetitionPenalty;
    builder.seeded = seeded;
    builder.seed = seed;
    builder.stopTokens = stopTokens;
    builder.stopStrings.addAll(stopStrings);
    builder.timeLimit = timeLimit;
    builder.constraint = constraint;
    builder.logProbabilities = logProbabilities;
    return builder;
  }

  /** Returns a builder that starts at greedy decoding of at most 256 tokens. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds options one by one. */
  public static final class Builder {

    private int maxNewTokens = 256;
    private double temperature;
    private int topK;
    private double topP = 1;
    private double minP;
    private double repetitionPenalty = 1;
    private boolean seeded;
    private long seed;
    private Set<Integer> stopTokens = Set.of();
    private final List<String> stopStrings = new ArrayList<>();
    private Optional<Duration> timeLimit = Optional.empty();
    private Optional<Constraint> constraint = Optional.empty();
    private OptionalInt logProbabilities = OptionalInt.empty();

    private Builder() {}

    /** Sets {@link GenerationOptions#maxNewTokens()}. */
    public Builder maxNewTokens(int value) {
      maxNewTokens = value;
      return this;
    }

    /** Sets {@link GenerationOptions#temperature()}. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** Sets {@link GenerationOptions#topK()}. */
    public Builder topK(int value) {
      topK = value;
      return this;
    }

    /** Sets {@link GenerationOptions#topP()}. */
    public Builder topP(double value) {
      topP = value;
      return this;
    }

    /** Sets {@link GenerationOptions#minP()}. */
    public Builder minP(double value) {
      minP = value;
      return this;
    }

    /** Sets {@link GenerationOptions#repetitionPenalty()}. */
    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    /** Makes the draws follow from a {@link GenerationOptions#seed()}; without, answers vary. */
    public Builder seed(long value) {
      seeded = true;
      seed = value;
      return this;
    }

    /** Sets {@link GenerationOptions#stopTokens()}. */
    public Builder stopTokens(Set<Integer> value) {
      stopTokens = value;
      return this;
    }

    /** Adds a stop string. */
    public Builder stopString(String value) {
      stopStrings.add(value);
      return this;
    }

    /** Sets {@link GenerationOptions#timeLimit()}. */
    public Builder timeLimit(Duration value) {
      timeLimit = Optional.of(value);
      return this;
    }

    /** Sets {@link GenerationOptions#constraint()}. */
    public Builder constraint(Constraint value) {
      constraint = Optional.of(value);
      return this;
    }

    /** Sets {@link GenerationOptions#logProbabilities()}. */
    public Builder logProbabilities(int value) {
      logProbabilities = OptionalInt.of(value);
      return this;
    }

    /** Returns the options. */
    public GenerationOptions build() {
      return new GenerationOptions(
          maxNewTokens,
          temperature,
          topK,
          topP,
          minP,
          repetitionPenalty,
          seeded,
          seed,
          stopTokens,
          stopStrings,
          timeLimit,
          constraint,
          logProbabilities);
    }
  }
}
