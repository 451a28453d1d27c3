package io.github.moa4j.training.data;

import io.github.moa4j.core.model.AnswerTargets;
import io.github.moa4j.core.model.TokenBatch;
import java.util.List;

/**
 * A batch of examples in the form the model takes.
 *
 * @param tokens right-padded
 * @param targets every answer token of every row
 * @param count number of tokens, padding not counted
 */
public record AnswerBatch(TokenBatch tokens, AnswerTargets targets, int count) {

  /** Lays out examples; the loss is on their answer tokens only. */
  public static AnswerBatch of(List<EncodedExample> examples) {
    TokenBatch tokens =
        TokenBatch.rightPadded(examples.stream().map(EncodedExample::tokens).toList());
    int answers = examples.stream().mapToInt(EncodedExample::answerLength).sum();
    long[] positions = new long[answers];
    long[] targets = new long[answers];
    int next = 0;
    int count = 0;
    for (int row = 0; row < examples.size(); row++) {
      EncodedExample example = examples.get(row);
      count += example.tokens().length;
      for (int i = example.promptLength(); i < example.tokens().length; i++) {
        positions[next] = (long) row * tokens.length() + i - 1;
        targets[next++] = example.tokens()[i];
      }
    }
    return new AnswerBatch(tokens, new AnswerTargets(positions, targets), count);
  }
}
