package io.github.moa4j.core.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.internal.ConstrainedText;
import io.github.moa4j.core.kernel.internal.SamplingKernel;
import io.github.moa4j.core.kernel.internal.SamplingKernel.Candidates;
import io.github.moa4j.core.kernel.internal.SamplingKernel.LogProbabilities;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Picks the next token of every row of a batch, each by its own {@link Sampler}; what a row gets
 * does not depend on the others. Thread-safe as long as the samplers are used by one thread.
 */
final class TokenPicker {

  private final SamplingKernel kernel;

  /** Creates a picker that does not own the kernel. */
  TokenPicker(SamplingKernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Picks a token for each row.
   *
   * @param logits f32 [rows, vocabulary]; stay as they are
   * @param samplers one a row; each remembers its token, and may allow few only
   * @return ids, by row
   * @throws MoaException if logits hold NaN or infinity
   */
  int[] pick(NDArray logits, List<Sampler> samplers) {
    int vocabulary = Math.toIntExact(logits.getShape().get(1));
    try (NDManager scope = logits.getManager().newSubManager()) {
      NDArray penalised =
          masked(scope, penalised(scope, logits, samplers, vocabulary), samplers, vocabulary);
      int count = samplers.stream().mapToInt(Sampler::candidates).max().orElse(1);
      double[] temperatures = samplers.stream().mapToDouble(Sampler::summedAt).toArray();
      Candidates best = kernel.candidates(penalised, Math.min(count, vocabulary), temperatures);
      requireNumbers(best.highest());
      return IntStream.range(0, samplers.size())
          .map(row -> samplers.get(row).next(kernel, penalised, best, row))
          .toArray();
    }
  }

  /**
   * How probable a token was that has been picked, and which were the most probable.
   *
   * @param chosen the natural logarithm of its probability
   * @param ids of the most probable tokens, falling
   * @param best the logarithms of their probabilities
   */
  record Odds(double chosen, int[] ids, double[] best) {}

  /**
   * Looks up what the model made of the tokens that were picked, for the rows that ask for it.
   *
   * @param logits as they were when the tokens were picked
   * @return one a row, empty where the row does not ask
   */
  List<Optional<Odds>> odds(NDArray logits, List<Sampler> samplers, int[] tokens) {
    List<Optional<Odds>> odds = new ArrayList<>(Collections.nCopies(tokens.length, none()));
    int[] rows =
        IntStream.range(0, tokens.length)
            .filter(row -> samplers.get(row).logProbabilities().isPresent())
            .toArray();
    if (rows.length == 0) {
      return odds;
    }
    int vocabulary = Math.toIntExact(logits.getShape().get(1));
    int[] counts =
        Arrays.stream(rows)
            .map(row -> samplers.get(row).logProbabilities().getAsInt())
            .map(count -> Math.min(count, vocabulary))
            .toArray();
    LogProbabilities found =
        kernel.logProbabilities(
            logits,
            Arrays.stream(rows).asLongStream().toArray(),
            Arrays.stream(rows).mapToLong(row -> tokens[row]).toArray(),
            Math.max(1, Arrays.stream(counts).max().getAsInt()));
    for (int i = 0; i < rows.length; i++) {
      int from = i * found.count();
      odds.set(
          rows[i],
          Optional.of(
              new Odds(
                  found.chosen()[i],
                  Arrays.stream(found.ids(), from, from + counts[i])
                      .mapToInt(Math::toIntExact)
                      .toArray(),
                  Arrays.copyOfRange(found.best(), from, from + counts[i]))));
    }
    return odds;
  }

  private static Optional<Odds> none() {
    return Optional.empty();
  }

  private NDArray penalised(
      NDManager scope, NDArray logits, List<Sampler> samplers, int vocabulary) {
    List<int[]> seen = samplers.stream().map(Sampler::seen).toList();
    int total = seen.stream().mapToInt(ids -> ids.length).sum();
    if (total == 0) {
      return logits;
    }
    long[] at = new long[total];
    float[] penalties = new float[total];
    int next = 0;
    for (int row = 0; row < samplers.size(); row++) {
      int[] ids = seen.get(row);
      Arrays.fill(penalties, next, next + ids.length, samplers.get(row).penalty());
      for (int token : ids) {
        at[next++] = (long) row * vocabulary + token;
      }
    }
    return kernel.penalised(scope, logits, at, penalties);
  }

  /** Takes away what the rows' constraints do not allow. */
  private NDArray masked(NDManager scope, NDArray logits, List<Sampler> rows, int vocabulary) {
    int[] held =
        IntStream.range(0, rows.size())
            .filter(row -> rows.get(row).constrained().isPresent())
            .toArray();
    if (held.length == 0) {
      return logits;
    }
    byte[] allowed = new byte[held.length * vocabulary];
    for (int i = 0; i < held.length; i++) {
      ConstrainedText text = rows.get(held[i]).constrained().get();
      text.allowed().write(allowed, i * vocabulary, (i + 1) * vocabulary);
    }
    return kernel.masked(scope, logits, held, allowed);
  }

  private static void requireNumbers(float[] highest) {
    for (float logit : highest) {
      if (!Float.isFinite(logit)) {
        throw new MoaException(
            "The model's logits hold NaN or infinity. Check the weights of the base and the"
                + " adapter.");
      }
    }
  }
}
