package io.github.moa4j.router.monitoring.internal;

import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.router.monitoring.AnswerCounts;
import io.github.moa4j.router.monitoring.AnswerObserver;
import io.github.moa4j.router.monitoring.ObservedAnswer;

/** Counts answers. Thread-safe. */
public final class AnswerCounter implements AnswerObserver {

  private AnswerCounts counts = new AnswerCounts(0, 0, 0, 0, 0, 0, 0); // guarded by this

  @Override
  public synchronized void ended(ObservedAnswer answer) {
    boolean failed = answer.error().isPresent();
    boolean cancelled = answer.stopReason().filter(StopReason.CANCELLED::equals).isPresent();
    counts =
        new AnswerCounts(
            counts.answered() + (failed || cancelled ? 0 : 1),
            counts.cancelled() + (cancelled ? 1 : 0),
            counts.failed() + (failed ? 1 : 0),
            counts.abstained() + (answer.abstention().isPresent() ? 1 : 0),
            counts.promptTokens() + answer.promptTokens(),
            counts.reusedTokens() + answer.reusedTokens(),
            counts.answerTokens() + answer.answerTokens());
  }

  /** Returns the counts so far. */
  public synchronized AnswerCounts counts() {
    return counts;
  }
}
