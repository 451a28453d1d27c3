package io.github.moa4j.router.monitoring;

/** Is told of every answer of a mixture when it has ended, well or not. */
@FunctionalInterface
public interface AnswerObserver {

  /**
   * Takes note of an answer. Called by threads that generate: it must not take its time. What it
   * throws is logged.
   */
  void ended(ObservedAnswer answer);
}
