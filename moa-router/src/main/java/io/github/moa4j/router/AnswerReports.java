package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.GenerationResult.Timings;
import io.github.moa4j.router.monitoring.AnswerCounts;
import io.github.moa4j.router.monitoring.AnswerObserver;
import io.github.moa4j.router.monitoring.ObservedAnswer;
import io.github.moa4j.router.monitoring.internal.AnswerCounter;
import io.github.moa4j.router.monitoring.internal.AnswerEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells observers of every answer that has ended. Thread-safe. */
final class AnswerReports {

  private static final Logger logger = LoggerFactory.getLogger(AnswerReports.class);
  private static final Timings NONE =
      new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  private final AnswerCounter counter = new AnswerCounter();
  private final List<AnswerObserver> observers =
      new CopyOnWriteArrayList<>(List.of(counter, AnswerEvent.observer()));

  void add(AnswerObserver observer) {
    observers.add(observer);
  }

  AnswerCounts counts() {
    return counter.counts();
  }

  /** Tells of a question that was not answered. */
  void failed(Optional<String> asked, long start, Optional<HeldAdapters> held, Throwable failure) {
    tell(
        observed(
            asked,
            start,
            held,
            Optional.empty(),
            Optional.of(OpenAnswer.failure(failure).getClass().getSimpleName())));
  }

  /** Tells of an answer. */
  void answered(
      Optional<String> asked, long start, Optional<HeldAdapters> held, GenerationResult result) {
    tell(observed(asked, start, held, Optional.of(result), Optional.empty()));
  }

  private static ObservedAnswer observed(
      Optional<String> asked,
      long start,
      Optional<HeldAdapters> held,
      Optional<GenerationResult> result,
      Optional<String> error) {
    Optional<RoutingDecision> decision = held.map(HeldAdapters::decision);
    return new ObservedAnswer(
        asked,
        decision.flatMap(RoutingDecision::chosen),
        held.map(HeldAdapters::versions).orElse(Map.of()),
        decision.isPresent() && asked.isEmpty()
            ? OptionalDouble.of(decision.get().confidence())
            : OptionalDouble.empty(),
        decision.flatMap(RoutingDecision::abstention).map(Enum::name),
        result.map(GenerationResult::promptTokens).orElse(0),
        result.map(GenerationResult::reusedTokens).orElse(0),
        result.map(whole -> whole.tokens().length).orElse(0),
        result.map(GenerationResult::stopReason),
        result.map(GenerationResult::timings).orElse(NONE),
        Duration.ofNanos(System.nanoTime() - start),
        error);
  }

  private void tell(ObservedAnswer answer) {
    for (AnswerObserver observer : observers) {
      try {
        observer.ended(answer);
      } catch (RuntimeException e) {
        logger.warn("An observer of answers failed", e);
      }
    }
  }
}
