package io.github.moa4j.training.evaluation;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.AnswerTargets;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.AnswerBatch;
import io.github.moa4j.training.data.EncodedExample;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Measures how probable the reference answers are. */
public final class AnswerLoss {

  private AnswerLoss() {}

  /**
   * The loss of every answer token of every example, in natural logarithm, in the given order.
   *
   * @param choices one an example
   */
  public static float[][] perToken(
      BaseModel model, List<EncodedExample> examples, List<AdapterChoice> choices, int batchSize) {
    List<Integer> byLength =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> examples.get(i).tokens().length))
            .toList();
    float[][] result = new float[examples.size()][];
    for (int start = 0; start < byLength.size(); start += batchSize) {
      List<Integer> rows = byLength.subList(start, Math.min(byLength.size(), start + batchSize));
      AnswerBatch batch = AnswerBatch.of(rows.stream().map(examples::get).toList());
      AnswerTargets targets = batch.targets();
      float[] losses =
          model.answerLosses(batch.tokens(), rows.stream().map(choices::get).toList(), targets);
      int next = 0;
      for (int row : rows) {
        int length = examples.get(row).answerLength();
        result[row] = Arrays.copyOfRange(losses, next, next + length);
        next += length;
      }
    }
    return result;
  }

  /** The mean loss of an answer token over all examples; its exponential is the perplexity. */
  public static double mean(
      BaseModel model, List<EncodedExample> examples, AdapterChoice choice, int batchSize) {
    List<AdapterChoice> choices = Collections.nCopies(examples.size(), choice);
    double sum = 0;
    long count = 0;
    for (float[] losses : perToken(model, examples, choices, batchSize)) {
      for (float loss : losses) {
        sum += loss;
      }
      count += losses.length;
    }
    return sum / count;
  }
}
