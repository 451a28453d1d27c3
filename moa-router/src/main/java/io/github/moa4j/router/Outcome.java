package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import java.util.Optional;

/**
 * What came of one question among several: an answer, or the reason why there is none.
 *
 * @param question the question
 * @param answer empty if the question failed
 * @param failure empty if it was answered
 */
public record Outcome(Question question, Optional<Answer> answer, Optional<MoaException> failure) {

  /** Checks that there is either an answer or a failure. */
  public Outcome {
    if (answer.isPresent() == failure.isPresent()) {
      throw new IllegalArgumentException("An outcome is an answer or a failure, one of them");
    }
  }

  /**
   * Returns the answer.
   *
   * @throws MoaException the failure, if there is no answer
   */
  public Answer orThrow() {
    return answer.orElseThrow(failure::get);
  }
}
