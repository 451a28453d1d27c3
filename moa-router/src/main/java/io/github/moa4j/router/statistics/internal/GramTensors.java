package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.router.statistics.GramRegression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * {@link GramCounts} as tensors, one row or several: {@code tokens.counts} (f32, [rows, bins]),
 * {@code tokens.held_out} (f32, the bins of all rows' held-out prompts, one behind the other) and
 * {@code tokens.held_out_sizes} (f32, [prompts]), all of them whole numbers. They are left out
 * where the tokens of a row are not known. Where a row is told from text of no domain, {@code
 * tokens.regression} (f32, [rows, bins + 1]) stands beside them, all zeros of a row that is not.
 */
public final class GramTensors {

  private static final String COUNTS = "tokens.counts";
  private static final String HELD_OUT = "tokens.held_out";
  private static final String SIZES = "tokens.held_out_sizes";

  private static final String REGRESSION = "tokens.regression";

  private static final int MOST = 1 << 24; // which f32 still tells apart

  private GramTensors() {}

  /** Adds the tensors of so many rows. */
  public static void write(List<GramCounts> rows, Map<String, HostTensor> tensors) {
    if (rows.stream().anyMatch(row -> row.counts().length == 0)) {
      return;
    }
    List<int[]> heldOut = rows.stream().flatMap(row -> row.heldOut().stream()).toList();
    float[] counts = joined(rows.stream().map(GramCounts::counts).toList());
    float[] bins = joined(heldOut);
    float[] sizes = joined(heldOut.stream().map(prompt -> new int[] {prompt.length}).toList());
    tensors.put(COUNTS, HostTensor.of(counts, rows.size(), TokenGrams.BINS));
    tensors.put(HELD_OUT, HostTensor.of(bins, bins.length));
    tensors.put(SIZES, HostTensor.of(sizes, sizes.length));
    if (rows.stream().anyMatch(row -> row.regression().isPresent())) {
      tensors.put(REGRESSION, regressions(rows.stream().map(GramCounts::regression).toList()));
    }
  }

  /** Returns the weights of each row, [rows, bins + 1]; zeros where there is no regression. */
  public static HostTensor regressions(List<Optional<GramRegression>> rows) {
    int size = TokenGrams.BINS + 1;
    float[] weights = new float[Math.multiplyExact(rows.size(), size)];
    for (int row = 0; row < rows.size(); row++) {
      int at = row * size;
      rows.get(row).ifPresent(own -> System.arraycopy(own.weights(), 0, weights, at, size));
    }
    return HostTensor.of(weights, rows.size(), size);
  }

  /** Returns what {@link #regressions(List)} has made a tensor of. */
  public static List<Optional<GramRegression>> regressions(HostTensor tensor) {
    float[] weights = tensor.toFloatArray();
    int size = TokenGrams.BINS + 1;
    return IntStream.range(0, weights.length / size)
        .mapToObj(row -> Arrays.copyOfRange(weights, row * size, (row + 1) * size))
        .map(GramRegression::of)
        .toList();
  }

  private static float[] joined(List<int[]> rows) {
    float[] joined = new float[rows.stream().mapToInt(row -> row.length).sum()];
    int at = 0;
    for (int[] row : rows) {
      for (int value : row) {
        joined[at++] = value;
      }
    }
    return joined;
  }

  /**
   * Reads the rows.
   *
   * @param heldOut how many prompts each row holds out
   */
  public static List<GramCounts> read(StoredTensors source, int... heldOut) {
    if (!source.hasTensor(COUNTS)) {
      return Collections.nCopies(heldOut.length, GramCounts.unknown());
    }
    int[] counts = source.wholeNumbers(COUNTS, MOST, heldOut.length, TokenGrams.BINS);
    int[] sizes = source.wholeNumbers(SIZES, TokenGrams.BINS + 1, Arrays.stream(heldOut).sum());
    int[] bins = source.wholeNumbers(HELD_OUT, TokenGrams.BINS, Arrays.stream(sizes).sum());
    List<Optional<GramRegression>> regressions =
        source.hasTensor(REGRESSION)
            ? regressions(
                HostTensor.of(
                    source.floats(REGRESSION, heldOut.length, TokenGrams.BINS + 1L),
                    heldOut.length,
                    TokenGrams.BINS + 1L))
            : Collections.nCopies(heldOut.length, Optional.empty());
    List<GramCounts> rows = new ArrayList<>();
    int prompt = 0;
    int from = 0;
    for (int row = 0; row < heldOut.length; row++) {
      List<int[]> own = new ArrayList<>();
      for (int end = prompt + heldOut[row]; prompt < end; prompt++) {
        own.add(Arrays.copyOfRange(bins, from, from + sizes[prompt]));
        from += sizes[prompt];
      }
      int start = row * TokenGrams.BINS;
      rows.add(
          new GramCounts(
              Arrays.copyOfRange(counts, start, start + TokenGrams.BINS),
              own,
              regressions.get(row)));
    }
    return rows;
  }
}
