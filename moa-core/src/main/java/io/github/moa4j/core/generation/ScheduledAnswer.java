package io.github.moa4j.core.generation;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.internal.PromptReading;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One request on its way through the batch: where it is, what it holds and how long that took. Only
 * the engine's thread touches what is not final.
 */
final class ScheduledAnswer {

  /** What is done with a request. */
  enum Phase {
    /** It waits for the router's pass. */
    UNROUTED,
    /** The router's pass runs over its prompt. */
    ROUTING,
    /** It waits for room. */
    QUEUED,
    /** Its prompt runs. */
    PREFILL,
    /** Its answer grows by a token a step. */
    DECODING,
    /** Another thread decides who answers, or fetches the adapters. */
    ELSEWHERE,
    /** That thread is done. */
    BACK,
    /** Nothing any more. */
    ENDED
  }

  private static final int NONE = -1;
  private static final long LONGEST = Long.MAX_VALUE / 2; // a time limit, in nanoseconds: 146 years

  final GenerationRequest request;
  final AnswerRow row;
  final TextStream stream;
  final Optional<Long> deadline; // in the nanoseconds of the system
  private final long submitted = System.nanoTime();
  Phase phase = Phase.UNROUTED;
  int slot = NONE;
  int promised; // tokens that the slot takes
  int done; // tokens of the prompt that the slot holds
  int base; // of these: those that the base's own pass over all layers left there
  boolean isWaiting = true; // and so counts in the queue
  PromptReading reading; // of the router's pass, until the decision
  AdapterChoice choice = AdapterChoice.base();
  Object key = this; // of the queue it waits in
  Optional<StopReason> stopped = Optional.empty(); // to end so once no other thread is at it
  Optional<RuntimeException> failure = Optional.empty(); // likewise
  private int reused;
  private long lastChange = submitted;
  private long queued;
  private long routing;

  ScheduledAnswer(GenerationRequest request, AnswerRow row, TextStream stream) {
    this.request = request;
    this.row = row;
    this.stream = stream;
    this.deadline = request.options().timeLimit().map(this::instant);
  }

  /** Deadlines are compared by their differences, which must not overflow. */
  private long instant(Duration limit) {
    return submitted + Math.min(TimeUnit.NANOSECONDS.convert(limit), LONGEST);
  }

  /** Orders requests by their deadlines, which they have to have; the nanoseconds wrap around. */
  static int byDeadline(ScheduledAnswer one, ScheduledAnswer other) {
    return Long.signum(one.deadline.orElseThrow() - other.deadline.orElseThrow());
  }

  int[] prompt() {
    return request.prompt();
  }

  /** Requests of equal groups find each other's keys and values. */
  Object group() {
    return request.sharing().group();
  }

  /** Tokens of the prompt that the slot lacks. */
  int left() {
    return prompt().length - done;
  }

  /** Tokens of the prompt and of the longest answer to it. */
  int mostTokens(int context) {
    return (int) Math.min(context, (long) prompt().length + request.options().maxNewTokens());
  }

  boolean hasSlot() {
    return slot != NONE;
  }

  void leaveSlot() {
    slot = NONE;
    done = 0;
    base = 0;
  }

  /** The time since the last change was that of waiting, if it waits. */
  void endWaiting() {
    long now = System.nanoTime();
    queued += phase == Phase.QUEUED || phase == Phase.UNROUTED ? now - lastChange : 0;
    lastChange = now;
  }

  /** The time since the last change was that of routing. */
  void endRouting() {
    long now = System.nanoTime();
    routing += now - lastChange;
    lastChange = now;
  }

  /** The slot holds the first tokens of the prompt as the answer needs them. */
  void reuse(int tokens) {
    done = tokens;
    reused = tokens;
  }

  GenerationResult result() {
    return row.result(reused, submitted, queued, routing);
  }

  /** Returns why there is no answer when the time is over before its first token. */
  DeadlineExceededException late() {
    endWaiting();
    return new DeadlineExceededException(
        request.options().timeLimit().orElseThrow(), Duration.ofNanos(queued));
  }
}
