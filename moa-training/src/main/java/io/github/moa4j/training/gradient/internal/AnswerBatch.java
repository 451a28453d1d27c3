package io.github.moa4j.training.gradient.internal;

import io.github.moa4j.core.model.internal.AnswerTargets;
import io.github.moa4j.core.model.internal.TokenBatch;
import io.github.moa4j.training.data.EncodedExample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A batch of examples in the form the model takes.
 *
 * @param tokens prompts and answers, packed
 * @param targets every answer token of every row
 * @param promptLengths tokens of each row's prompt
 */
public record AnswerBatch(TokenBatch tokens, AnswerTargets targets, int[] promptLengths) {

  /** Lays out examples; the loss is on their answer tokens only. */
  public static AnswerBatch of(List<EncodedExample> examples) {
    TokenBatch tokens = TokenBatch.of(examples.stream().map(EncodedExample::tokens).toList());
    int answers = examples.stream().mapToInt(EncodedExample::answerLength).sum();
    long[] positions = new long[answers];
    long[] targets = new long[answers];
    int next = 0;
    for (int row = 0; row < examples.size(); row++) {
      EncodedExample example = examples.get(row);
      for (int i = example.promptLength(); i < example.tokens().length; i++) {
        positions[next] = tokens.offsets()[row] + i - 1L;
        targets[next++] = example.tokens()[i];
      }
    }
    return new AnswerBatch(
        tokens,
        new AnswerTargets(positions, targets),
        examples.stream().mapToInt(EncodedExample::promptLength).toArray());
  }

  /** Packs batches one behind the other. */
  static AnswerBatch joined(List<AnswerBatch> batches) {
    List<int[]> sequences = new ArrayList<>();
    LongStream.Builder positions = LongStream.builder();
    int start = 0;
    for (AnswerBatch batch : batches) {
      TokenBatch own = batch.tokens();
      for (int row = 0; row < own.rows(); row++) {
        sequences.add(Arrays.copyOfRange(own.tokens(), own.offsets()[row], own.offsets()[row + 1]));
      }
      for (long position : batch.targets().positions()) {
        positions.add(start + position);
      }
      start += own.size();
    }
    return new AnswerBatch(
        TokenBatch.of(sequences),
        new AnswerTargets(
            positions.build().toArray(),
            batches.stream().flatMapToLong(b -> Arrays.stream(b.targets().tokens())).toArray()),
        batches.stream().flatMapToInt(b -> Arrays.stream(b.promptLengths())).toArray());
  }

  /**
   * Lengthens the shortest sequences until the batch has one of few numbers of tokens, for each of
   * which the engine compiles its products anew. What stands behind a sequence's end is read by
   * nothing before it, and moves nothing.
   *
   * @param contextLength tokens that no sequence may exceed
   */
  AnswerBatch filled(int contextLength) {
    int[] lengths = IntStream.range(0, tokens.rows()).map(tokens::length).toArray();
    for (int more = commonSize(tokens.size()) - tokens.size(); more > 0; more--) {
      int shortest = 0;
      for (int row = 1; row < lengths.length; row++) {
        shortest = lengths[row] < lengths[shortest] ? row : shortest;
      }
      if (lengths[shortest] < contextLength) {
        lengths[shortest]++;
      }
    }
    List<int[]> sequences = new ArrayList<>();
    for (int row = 0; row < lengths.length; row++) {
      int start = tokens.offsets()[row];
      int[] sequence = Arrays.copyOfRange(tokens.tokens(), start, start + lengths[row]);
      Arrays.fill(sequence, tokens.length(row), lengths[row], sequence[tokens.length(row) - 1]);
      sequences.add(sequence);
    }
    TokenBatch longer = TokenBatch.of(sequences);
    long[] positions = new long[targets.positions().length];
    int row = 0;
    for (int i = 0; i < positions.length; i++) {
      long position = targets.positions()[i];
      while (position >= tokens.offsets()[row + 1]) {
        row++;
      }
      positions[i] = position - tokens.offsets()[row] + longer.offsets()[row];
    }
    return new AnswerBatch(longer, new AnswerTargets(positions, targets.tokens()), promptLengths);
  }

  /** Repeats the last target until there is one of few numbers of them. */
  AnswerBatch repeated() {
    int found = targets.tokens().length;
    long[] positions = Arrays.copyOf(targets.positions(), commonSize(found));
    long[] more = Arrays.copyOf(targets.tokens(), positions.length);
    Arrays.fill(positions, found, positions.length, positions[found - 1]);
    Arrays.fill(more, found, more.length, more[found - 1]);
    return new AnswerBatch(tokens, new AnswerTargets(positions, more), promptLengths);
  }

  /** Returns the next of the numbers of rows that products have: the steps of with_common_rows. */
  static int commonSize(int rows) {
    int step = rows <= 64 ? 8 : rows <= 256 ? 16 : 32;
    return (rows + step - 1) / step * step;
  }

  /**
   * Measures examples in batches of similar length.
   *
   * @param batchSize examples a batch
   * @param measure the losses of a batch's targets; told the examples' indices too
   * @return the losses of each example's answer tokens, in the order of the examples
   */
  public static float[][] losses(
      List<EncodedExample> examples,
      int batchSize,
      BiFunction<AnswerBatch, List<Integer>, float[]> measure) {
    List<Integer> byLength =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> examples.get(i).tokens().length))
            .toList();
    float[][] result = new float[examples.size()][];
    for (int start = 0; start < byLength.size(); start += batchSize) {
      List<Integer> rows = byLength.subList(start, Math.min(byLength.size(), start + batchSize));
      float[] losses = measure.apply(of(rows.stream().map(examples::get).toList()), rows);
      int next = 0;
      for (int row : rows) {
        int length = examples.get(row).answerLength();
        result[row] = Arrays.copyOfRange(losses, next, next + length);
        next += length;
      }
    }
    return result;
  }
}
