package io.github.moa4j.training.evaluation;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.internal.AnswerBatch;
import java.util.Collections;
import java.util.List;

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
    Decoder decoder = model.unwrap(Decoder.class);
    return AnswerBatch.losses(
        examples,
        batchSize,
        (batch, rows) ->
            decoder.answerLosses(
                batch.tokens(), rows.stream().map(choices::get).toList(), batch.targets()));
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
