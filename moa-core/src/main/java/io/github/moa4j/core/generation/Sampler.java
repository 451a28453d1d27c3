package io.github.moa4j.core.generation;

import ai.djl.ndarray.NDArray;
import io.github.moa4j.core.constraint.internal.ConstrainedText;
import io.github.moa4j.core.kernel.internal.SamplingKernel;
import io.github.moa4j.core.kernel.internal.SamplingKernel.Candidates;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * Chooses the next token of one sequence: from its most probable tokens where these are enough,
 * else by a draw in the kernel. Each random choice takes one number, so that an answer with a seed
 * stays the same whichever way its tokens are found.
 */
final class Sampler {

  /** Most tokens that are ranked one by one; beyond them the kernel draws without ranks. */
  private static final int MOST_CANDIDATES = 256;

  /** Candidates among which a top-p set is looked for first. */
  private static final int NUCLEUS_CANDIDATES = 64;

  private final GenerationOptions options;
  private final DoubleSupplier draws;
  private final Optional<ConstrainedText> constrained;
  private final BitSet seen = new BitSet(); // by id; empty without repetition penalty

  /**
   * Starts at a prompt.
   *
   * @param vocabSize ids of the prompt beyond it are ignored: the model itself refuses them by name
   */
  Sampler(GenerationOptions options, int[] prompt, int vocabSize) {
    this(options, prompt, vocabSize, Optional.empty());
  }

  /** Starts at a prompt whose answer may be held to a constraint. */
  Sampler(
      GenerationOptions options,
      int[] prompt,
      int vocabSize,
      Optional<ConstrainedText> constrained) {
    this(options, prompt, vocabSize, random(options, prompt)::nextDouble, constrained);
  }

  /** Starts with a source of numbers in [0, 1). */
  Sampler(GenerationOptions options, int[] prompt, int vocabSize, DoubleSupplier draws) {
    this(options, prompt, vocabSize, draws, Optional.empty());
  }

  private Sampler(
      GenerationOptions options,
      int[] prompt,
      int vocabSize,
      DoubleSupplier draws,
      Optional<ConstrainedText> constrained) {
    this.constrained = constrained;
    this.options = options;
    this.draws = draws;
    for (int token : prompt) {
      if (token >= 0 && token < vocabSize) {
        remember(token);
      }
    }
  }

  /** Other prompts get other numbers from the same seed, so that rows of a batch share none. */
  private static SplittableRandom random(GenerationOptions options, int[] prompt) {
    if (!options.seeded()) {
      return new SplittableRandom();
    }
    long mixed = new SplittableRandom(options.seed()).nextLong();
    for (int token : prompt) {
      mixed = (mixed ^ token) * 0x100000001B3L; // FNV-1a's step
    }
    return new SplittableRandom(mixed);
  }

  private void remember(int token) {
    if (options.repetitionPenalty() != 1) {
      seen.set(token);
    }
  }

  /** Returns what the text is held to. */
  Optional<ConstrainedText> constrained() {
    return constrained;
  }

  /** Returns how many tokens are told with their log probabilities, besides the chosen one. */
  OptionalInt logProbabilities() {
    return options.logProbabilities();
  }

  /** Returns the ids whose logits are penalised, none twice. */
  int[] seen() {
    return seen.stream().toArray();
  }

  /** Returns the penalty of their logits. */
  float penalty() {
    return (float) options.repetitionPenalty();
  }

  /** Returns how many of the most probable tokens it wants to see. */
  int candidates() {
    if (ranksTopK()) {
      return options.topK();
    }
    return looksForNucleus() ? NUCLEUS_CANDIDATES : 1;
  }

  /** Returns the temperature at which it needs the sum over the whole vocabulary; 0 for none. */
  double summedAt() {
    return looksForNucleus() ? options.temperature() : 0;
  }

  private boolean ranksTopK() {
    return options.temperature() > 0 && options.topK() > 0 && options.topK() <= MOST_CANDIDATES;
  }

  private boolean looksForNucleus() {
    return options.temperature() > 0 && options.topK() == 0 && options.topP() < 1;
  }

  /**
   * Chooses a token and remembers it.
   *
   * @param logits penalised, f32 [rows, vocabulary]
   * @param best at least {@link #candidates()} of each row, or the whole vocabulary
   */
  int next(SamplingKernel kernel, NDArray logits, Candidates best, int row) {
    int token =
        options.temperature() == 0
            ? (int) best.ids()[row * best.count()]
            : draw(kernel, logits, best, row);
    remember(token);
    return token;
  }

  private int draw(SamplingKernel kernel, NDArray logits, Candidates best, int row) {
    double x = draws.getAsDouble();
    double[] weights = weights(best, row);
    int kept = kept(weights, best.totals()[row]);
    if (kept == 0) {
      return kernel.draw(
          logits, row, options.temperature(), options.topK(), options.topP(), options.minP(), x);
    }
    return (int) best.ids()[row * best.count() + pick(weights, kept, x)];
  }

  /** Weights of its candidates, falling from 1; none if they say nothing. */
  private double[] weights(Candidates best, int row) {
    boolean ranked = ranksTopK() || looksForNucleus();
    double[] weights = new double[ranked ? Math.min(candidates(), best.count()) : 0];
    for (int i = 0; i < weights.length; i++) {
      float below = best.logits()[row * best.count() + i] - best.highest()[row];
      weights[i] = below == 0 ? 1 : Math.exp(below / options.temperature());
    }
    return weights;
  }

  /** How many candidates the filters leave; 0 if more candidates would be needed to tell. */
  private int kept(double[] weights, double total) {
    int kept = ranksTopK() ? weights.length : 0;
    if (options.topP() < 1) {
      double wanted = options.topP() * (ranksTopK() ? Arrays.stream(weights).sum() : total);
      double sum = 0;
      for (int i = 0; i < weights.length; i++) {
        sum += weights[i];
        if (sum >= wanted) {
          kept = i + 1;
          break;
        }
      }
    }
    while (kept > 1 && (weights[kept - 1] < options.minP() || weights[kept - 1] == 0)) {
      kept--;
    }
    return kept;
  }

  private static int pick(double[] weights, int count, double x) {
    double left = x * Arrays.stream(weights, 0, count).sum();
    for (int i = 0; i < count - 1; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return count - 1;
  }
}
