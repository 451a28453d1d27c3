package io.github.moa4j.training.data;

import java.util.List;

/**
 * How many examples were longer than the limits of prompt and answer.
 *
 * @param examples number of all examples
 * @param prompts how many prompts lost their beginning
 * @param answers how many answers lost their end, and so do not teach to stop
 */
public record CutExamples(int examples, int prompts, int answers) {

  /** Counts. */
  public static CutExamples of(List<EncodedExample> examples) {
    return new CutExamples(
        examples.size(),
        Math.toIntExact(examples.stream().filter(EncodedExample::promptCut).count()),
        Math.toIntExact(examples.stream().filter(EncodedExample::answerCut).count()));
  }

  /** Whether any was cut. */
  public boolean any() {
    return prompts + answers > 0;
  }

  /** Returns for example {@code 12 of 300 prompts lost their beginning, 3 answers their end}. */
  @Override
  public String toString() {
    return "%d of %d prompts lost their beginning, %d answers their end"
        .formatted(prompts, examples, answers);
  }
}
