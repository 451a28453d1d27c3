package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * Finds and draws tokens where the logits are, f32 [rows, vocabulary]; {@code sampling.torchscript}
 * says how. Equal logits are ranked by their ids, the lower first.
 *
 * <p>Any number of threads may call it at once. {@link #close()} frees its script.
 */
public final class SamplingKernel implements AutoCloseable {

  private static final ScriptSource SOURCE =
      ScriptSource.of(SamplingKernel.class, "sampling.torchscript");

  // A quotient by less would be 0 / 0 in f32 for the best token.
  private static final double LEAST_TEMPERATURE = 1e-30;

  private final TorchScript script;

  private SamplingKernel(TorchScript script) {
    this.script = script;
  }

  /**
   * Loads the script.
   *
   * @param parent the manager that the kernel's own manager becomes a child of
   */
  public static SamplingKernel load(NDManager parent) {
    return new SamplingKernel(TorchScript.load(parent, SOURCE, Map.of()));
  }

  /**
   * The most probable tokens of each row.
   *
   * @param count number of them a row
   * @param highest the highest logit [rows]: NaN if one of the row is
   * @param logits [rows · count], the highest of each row first
   * @param ids [rows · count]
   * @param totals [rows]: sum of exp((logit - highest) / temperature) over the whole row, 0 where
   *     no temperature was given
   */
  public record Candidates(
      int count, float[] highest, float[] logits, long[] ids, double[] totals) {}

  /**
   * Finds the most probable tokens of each row.
   *
   * @param count number of them, 1 to the size of the vocabulary
   * @param temperatures [rows]: at which to sum up the row; 0 for no sum
   */
  public Candidates candidates(NDArray logits, int count, double[] temperatures) {
    boolean summed = Arrays.stream(temperatures).anyMatch(t -> t > 0);
    try (NDManager scope = logits.getManager().newSubManager()) {
      if (count == 1 && !summed) {
        NDList best = script.run(scope, "best", logits);
        float[] highest = best.get(0).toFloatArray();
        return new Candidates(1, highest, highest, best.get(1).toLongArray(), temperatures);
      }
      double[] used = Arrays.stream(temperatures).map(SamplingKernel::usable).toArray();
      NDList found = script.run(scope, "candidates", logits, (long) count, scope.create(used));
      return new Candidates(
          count,
          found.get(0).toFloatArray(),
          found.get(1).toFloatArray(),
          found.get(2).toLongArray(),
          found.get(3).toDoubleArray());
    }
  }

  /**
   * What the model makes of some rows.
   *
   * @param chosen [rows]: the natural logarithm of the chosen token's probability
   * @param count number of the most probable tokens that are told a row
   * @param ids [rows · count], the most probable of each row first
   * @param best [rows · count]: the logarithms of their probabilities
   */
  public record LogProbabilities(double[] chosen, int count, long[] ids, double[] best) {}

  /**
   * Tells how probable tokens are, at a temperature of 1 and without any filter.
   *
   * @param rows of the logits that are looked at
   * @param chosen the id in each of these rows
   * @param count number of the most probable tokens, 1 to the size of the vocabulary
   */
  public LogProbabilities logProbabilities(NDArray logits, long[] rows, long[] chosen, int count) {
    try (NDManager scope = logits.getManager().newSubManager()) {
      NDList found =
          script.run(
              scope,
              "log_probabilities",
              logits,
              scope.create(rows),
              scope.create(chosen),
              (long) count);
      return new LogProbabilities(
          found.get(0).toDoubleArray(),
          count,
          found.get(1).toLongArray(),
          found.get(2).toDoubleArray());
    }
  }

  /**
   * Draws a token from what filters leave of a row's distribution, by the inverse of its
   * distribution function in the order of the ids.
   *
   * @param temperature positive
   * @param topK number of the most probable tokens that are kept; 0 for all
   * @param topP share of what is left that the most probable of the kept tokens reach; 1 for all
   * @param minP share of the best token's probability that a kept token has at least; 0 for all
   * @param x where in the distribution, in [0, 1)
   */
  public int draw(
      NDArray logits, int row, double temperature, int topK, double topP, double minP, double x) {
    try (NDManager scope = logits.getManager().newSubManager()) {
      return (int)
          script
              .run(
                  scope,
                  "draw",
                  logits,
                  (long) row,
                  usable(temperature),
                  (long) topK,
                  topP,
                  minP,
                  x)
              .singletonOrThrow()
              .getLong();
    }
  }

  /**
   * Divides some logits by a penalty if they are positive, and multiplies them if not.
   *
   * @param at flat indices (row · vocabulary + id), none twice
   * @param penalties one for each index
   * @return a copy with these changes, owned by scope
   */
  public NDArray penalised(NDManager scope, NDArray logits, long[] at, float[] penalties) {
    return script
        .run(scope, "penalised", logits, scope.create(at), scope.create(penalties))
        .singletonOrThrow();
  }

  /**
   * Makes tokens impossible.
   *
   * @param rows of which some are, rising
   * @param allowed [rows · vocabulary]: 1 for each that stays as it is, 0 for each that becomes
   *     -inf
   * @return a copy with these changes, owned by scope
   */
  public NDArray masked(NDManager scope, NDArray logits, int[] rows, byte[] allowed) {
    Shape shape = new Shape(rows.length, logits.getShape().get(1));
    try (NDManager own = scope.newSubManager();
        NDArray flags = own.create(ByteBuffer.wrap(allowed), shape, DataType.BOOLEAN);
        NDArray which = own.create(Arrays.stream(rows).asLongStream().toArray())) {
      return script.run(scope, "masked", logits, which, flags).singletonOrThrow();
    }
  }

  private static double usable(double temperature) {
    return temperature == 0 ? 0 : Math.max(temperature, LEAST_TEMPERATURE);
  }

  /** Frees the script, behind the calls that are under way. */
  @Override
  public void close() {
    script.close();
  }
}
