package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.generation.GenerationResult.Timings;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.access.AuditRecord;
import io.github.moa4j.router.access.AuditRecord.Event;
import io.github.moa4j.router.access.AuditTrail;
import io.github.moa4j.router.access.Caller;
import io.github.moa4j.router.monitoring.AnswerCounts;
import io.github.moa4j.router.monitoring.AnswerObserver;
import io.github.moa4j.router.monitoring.ObservedAnswer;
import io.github.moa4j.router.monitoring.internal.AnswerCounter;
import io.github.moa4j.router.monitoring.internal.AnswerEvent;
import io.github.moa4j.router.routing.internal.HeldAdapters;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells observers of every answer that has ended, and the audit of all that is done for a caller.
 * Thread-safe.
 */
public final class AnswerReports {

  private static final Logger logger = LoggerFactory.getLogger(AnswerReports.class);
  private static final Timings NONE =
      new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  private final AnswerCounter counter = new AnswerCounter();
  private final List<AnswerObserver> observers =
      new CopyOnWriteArrayList<>(List.of(counter, AnswerEvent.observer()));

  private final Optional<AuditTrail> audit;

  /** Creates what tells the audit, if there is one, and no other observer yet. */
  public AnswerReports(Optional<AuditTrail> audit) {
    this.audit = audit;
  }

  /** Tells an observer from now on. */
  public void add(AnswerObserver observer) {
    observers.add(observer);
  }

  /** Tells an observer no more. */
  public void remove(AnswerObserver observer) {
    observers.remove(observer);
  }

  /** Returns what has ended so far. */
  public AnswerCounts counts() {
    return counter.counts();
  }

  /**
   * Begins to report on a question.
   *
   * @param asked the domain that it names, if it exists
   */
  Report of(Question question, Optional<String> asked) {
    return new Report(question.caller().map(Caller::name), asked);
  }

  /** What is told of one question. */
  final class Report {

    private final long start = System.nanoTime();
    private final String id = audit.isPresent() ? UUID.randomUUID().toString() : "";
    private final Optional<String> caller;
    private final Optional<String> asked;

    private Report(Optional<String> caller, Optional<String> asked) {
      this.caller = caller;
      this.asked = asked;
    }

    /** Tells the audit of a decision that is all the caller gets. */
    void routed(RoutingDecision decision) {
      keep(Event.ROUTED, Optional.of(decision), Map.of(), Optional.empty(), Optional.empty());
    }

    /** Tells the audit of a decision that was refused. */
    void refused(MoaException failure) {
      keep(
          Event.ENDED,
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.of(failure.getClass().getSimpleName()));
    }

    /** Tells the audit that an answer begins; nothing of it may be given away before. */
    void begun(HeldAdapters held) {
      keep(
          Event.BEGUN,
          Optional.of(held.decision()),
          held.versions(),
          Optional.empty(),
          Optional.empty());
    }

    /** Tells of a question that was not answered. */
    void failed(Optional<HeldAdapters> held, Throwable failure) {
      ended(
          held,
          Optional.empty(),
          Optional.of(OpenAnswer.failure(failure).getClass().getSimpleName()));
    }

    /** Tells of an answer; nobody may get its end before. */
    void answered(Optional<HeldAdapters> held, GenerationResult result) {
      ended(held, Optional.of(result), Optional.empty());
    }

    private void ended(
        Optional<HeldAdapters> held, Optional<GenerationResult> result, Optional<String> error) {
      Optional<RoutingDecision> decision = held.map(HeldAdapters::decision);
      Map<String, Integer> versions = held.map(HeldAdapters::versions).orElse(Map.of());
      tell(
          new ObservedAnswer(
              asked,
              decision.flatMap(RoutingDecision::chosen),
              versions,
              confidence(decision),
              decision.flatMap(RoutingDecision::abstention).map(Enum::name),
              result.map(GenerationResult::promptTokens).orElse(0),
              result.map(GenerationResult::reusedTokens).orElse(0),
              result.map(whole -> whole.tokens().length).orElse(0),
              result.map(GenerationResult::stopReason),
              result.map(GenerationResult::timings).orElse(NONE),
              Duration.ofNanos(System.nanoTime() - start),
              error));
      keep(Event.ENDED, decision, versions, result, error);
    }

    private OptionalDouble confidence(Optional<RoutingDecision> decision) {
      return decision.isPresent() && asked.isEmpty()
          ? OptionalDouble.of(decision.get().confidence())
          : OptionalDouble.empty();
    }

    private void keep(
        Event event,
        Optional<RoutingDecision> decision,
        Map<String, Integer> versions,
        Optional<GenerationResult> result,
        Optional<String> error) {
      if (audit.isPresent()) {
        audit
            .get()
            .keep(
                new AuditRecord(
                    Instant.now(),
                    id,
                    event,
                    caller,
                    asked,
                    decision.flatMap(RoutingDecision::chosen),
                    versions,
                    confidence(decision),
                    decision.flatMap(RoutingDecision::abstention).map(Enum::name),
                    result.map(GenerationResult::promptTokens).orElse(0),
                    result.map(whole -> whole.tokens().length).orElse(0),
                    error));
      }
    }
  }

  private void tell(ObservedAnswer answer) {
    for (AnswerObserver observer : observers) {
      try {
        observer.ended(answer);
      } catch (RuntimeException | LinkageError e) {
        // Errors of linking, too: observers stand between libraries that applications choose.
        logger.warn("An observer of answers failed", e);
      }
    }
  }
}
