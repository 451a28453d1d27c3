package io.github.moa4j.router.monitoring.internal;

import io.github.moa4j.router.monitoring.AnswerObserver;
import io.github.moa4j.router.monitoring.ObservedAnswer;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A request has ended, at the time of the event. */
@Name("io.github.moa4j.Request")
@Label("Request")
@Description("A request to a mixture has ended, well or not; without any text")
@Category("MoA4J")
@StackTrace(false)
public final class AnswerEvent extends Event {

  @Label("Domain")
  String domain;

  @Label("Adapter Version")
  int version;

  @Label("Prompt Tokens")
  int promptTokens;

  @Label("Reused Tokens")
  int reusedTokens;

  @Label("Answer Tokens")
  int answerTokens;

  @Label("Stop Reason")
  String stopReason;

  @Label("Error")
  String error;

  @Label("Queue")
  @Timespan
  long queue;

  @Label("Routing")
  @Timespan
  long routing;

  @Label("Prefill")
  @Timespan
  long prefill;

  @Label("Decode")
  @Timespan
  long decode;

  @Label("Whole Time")
  @Timespan
  long total;

  /** An observer that makes these events. */
  public static AnswerObserver observer() {
    return AnswerEvent::record;
  }

  private static void record(ObservedAnswer answer) {
    AnswerEvent event = new AnswerEvent();
    if (!event.isEnabled()) {
      return;
    }
    event.domain = answer.answered().orElse("");
    event.version = answer.answered().map(answer.versions()::get).orElse(0);
    event.promptTokens = answer.promptTokens();
    event.reusedTokens = answer.reusedTokens();
    event.answerTokens = answer.answerTokens();
    event.stopReason = answer.stopReason().map(Enum::name).orElse("");
    event.error = answer.error().orElse("");
    event.queue = answer.timings().queue().toNanos();
    event.routing = answer.timings().routing().toNanos();
    event.prefill = answer.timings().prefill().toNanos();
    event.decode = answer.timings().decode().toNanos();
    event.total = answer.duration().toNanos();
    event.commit();
  }
}
