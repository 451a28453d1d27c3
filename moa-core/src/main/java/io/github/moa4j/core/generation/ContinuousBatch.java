package io.github.moa4j.core.generation;

import io.github.moa4j.core.generation.ScheduledAnswer.Phase;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers that are under way and those that wait. A step lets in whom there is room for, runs a
 * piece of the prompts that are not done, for the router and for the answer, and gives every answer
 * one more token: so a long prompt holds up nobody for longer than a piece takes. What comes of a
 * request is told last, when nothing is held for it any more. Only the engine's thread touches it.
 */
final class ContinuousBatch {

  private static final Logger logger = LoggerFactory.getLogger(ContinuousBatch.class);
  private static final int PIECE = 512; // tokens of prompts a step
  private static final int PIECE_BESIDE_ANSWERS = 256;

  private final BatchPass pass;
  private final Slots slots;
  private final AtomicInteger waiting;
  private final Elsewhere elsewhere;
  private final Map<TextStream, ScheduledAnswer> all = new LinkedHashMap<>();
  private final PriorityQueue<ScheduledAnswer> deadlines =
      new PriorityQueue<>(ScheduledAnswer::byDeadline);
  private final Admission admission;
  private final List<ScheduledAnswer> routing = new ArrayList<>();
  private final List<ScheduledAnswer> prefilling = new ArrayList<>();
  private final List<ScheduledAnswer> decoding = new ArrayList<>();
  private boolean mayLetIn; // somebody came, or there is more room, since the last were let in
  private final Set<ScheduledAnswer> sent = new HashSet<>(); // elsewhere since the step began
  private boolean readFirst; // a piece for the routers had the first claim on this step
  private int piece; // tokens of prompts that this step runs
  private int left; // of these

  /** Creates an empty batch that counts down for each request that waits no more. */
  ContinuousBatch(BatchPass pass, Slots slots, AtomicInteger waiting, Elsewhere elsewhere) {
    this.pass = pass;
    this.slots = slots;
    this.waiting = waiting;
    this.elsewhere = elsewhere;
    this.admission = new Admission(slots, this::fail);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Takes a request in. */
  void accept(ScheduledAnswer answer) {
    mayLetIn = true;
    all.put(answer.stream, answer);
    answer.deadline.ifPresent(deadline -> deadlines.add(answer));
    if (answer.request.routing().depth().isPresent()) {
      admission.add(answer);
    } else {
      attempt(answer, () -> admission.add(answer, answer.request.routing().decide()));
    }
  }

  /** Ends a request that its caller gives up; one that has ended stays as it is. */
  void cancel(TextStream stream) {
    Optional.ofNullable(all.get(stream)).ifPresent(it -> stop(it, StopReason.CANCELLED));
  }

  /** Ends a request where it is, or once no other thread is at it. */
  private void stop(ScheduledAnswer answer, StopReason reason) {
    if (answer.phase == Phase.ELSEWHERE) {
      answer.stopped = Optional.of(reason);
    } else if (reason == StopReason.DEADLINE && answer.row.isEmpty()) {
      fail(answer, answer.late());
    } else {
      String rest = answer.row.finish(reason);
      end(answer, () -> tell(answer, rest));
    }
  }

  /** Ends all requests with an exception; those that another thread is at, when it is done. */
  void failAll(RuntimeException reason) {
    for (ScheduledAnswer answer : List.copyOf(all.values())) {
      if (answer.phase == Phase.ELSEWHERE) {
        answer.failure = Optional.of(reason);
      } else {
        fail(answer, reason);
      }
    }
  }

  /**
   * Begins a step: ends what is late, lets in whom there is room for, and reads a piece of the
   * prompts for their routers.
   */
  void begin() {
    sent.clear();
    long now = System.nanoTime();
    while (!deadlines.isEmpty() && deadlines.peek().deadline.orElseThrow() - now <= 0) {
      stop(deadlines.poll(), StopReason.DEADLINE);
    }
    mayLetIn = false;
    admission.letIn(this::read, this::hold);
    piece = decoding.isEmpty() ? PIECE : PIECE_BESIDE_ANSWERS;
    left = piece;
    // one large piece costs much less than two small ones: where many wait for either, they take
    // turns
    readFirst = !routing.isEmpty() && (prefilling.isEmpty() || !readFirst);
    int most =
        readFirst ? piece : piece - prefilling.stream().mapToInt(ScheduledAnswer::left).sum();
    if (!routing.isEmpty() && isWorthwhile(most)) {
      List<Line> lines = pass.cut(routing, most);
      left -= lines.stream().mapToInt(l -> l.answer().reading.cost(l.tokens().length)).sum();
      take(pass.read(lines), this::read);
    }
  }

  private boolean isWorthwhile(int tokens) {
    return tokens >= piece / 2;
  }

  /** Whether another thread is at a request since this step has begun. */
  boolean isAwaiting() {
    return !sent.isEmpty();
  }

  /**
   * Ends a step: runs a piece of the prompts that are not done, and gives every answer a token.
   *
   * @return whether there is more to do without anything new from outside
   */
  boolean finish() {
    if (!prefilling.isEmpty() && isWorthwhile(left)) {
      take(pass.extend(pass.cut(prefilling, left)), this::prefilled);
    }
    if (!decoding.isEmpty()) {
      slots.compact(decoding);
      decoding.sort(Comparator.comparingInt(answer -> answer.slot));
      take(pass.extend(decoding.stream().map(Line::ofLastToken).toList()), this::drawn);
    }
    return mayLetIn || !routing.isEmpty() || !prefilling.isEmpty() || !decoding.isEmpty();
  }

  /** Returns when the first request that is still there has to end. */
  OptionalLong nextDeadline() {
    return deadlines.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(deadlines.peek().deadline.orElseThrow());
  }

  /** Has a prompt read that is in a slot, from its beginning. */
  private void read(ScheduledAnswer answer) {
    answer.phase = Phase.ROUTING;
    attempt(answer, () -> pass.beginReading(answer));
    if (answer.phase == Phase.ROUTING) {
      routing.add(answer);
    }
  }

  private void take(
      List<BatchPass.Outcome> outcomes, BiConsumer<Line, Optional<BatchPass.Drawn>> done) {
    for (BatchPass.Outcome outcome : outcomes) {
      outcome
          .failure()
          .ifPresentOrElse(
              failure -> fail(outcome.line().answer(), failure),
              () -> done.accept(outcome.line(), outcome.drawn()));
    }
  }

  /** A piece of a prompt has been read for the router. */
  private void read(Line line, Optional<BatchPass.Drawn> nothing) {
    ScheduledAnswer answer = line.answer();
    answer.done += line.tokens().length;
    if (line.last()) {
      routing.remove(answer);
      attempt(
          answer,
          () -> {
            PromptStates states = pass.endReading(answer);
            elsewhere(
                answer, () -> answer.request.routing().decide(states), key -> decided(answer, key));
          });
    }
  }

  private void decided(ScheduledAnswer answer, Object key) {
    answer.endRouting();
    if (key == PromptRouting.READ_ON) {
      read(answer);
    } else if (admission.keeps(answer)) {
      hold(answer);
    } else {
      slots.release(answer);
      mayLetIn = true;
      admission.add(answer, key);
    }
  }

  private void hold(ScheduledAnswer answer) {
    waiting.decrementAndGet();
    answer.isWaiting = false;
    if (answer.request.routing() instanceof GenerationRequest.Known known) {
      begin(answer, known.choice());
    } else {
      elsewhere(answer, answer.request.routing()::hold, choice -> begin(answer, choice));
    }
  }

  private void begin(ScheduledAnswer answer, AdapterChoice choice) {
    answer.endRouting();
    answer.choice = choice;
    attempt(
        answer,
        () -> {
          pass.reuse(answer);
          answer.phase = Phase.PREFILL;
          prefilling.add(answer);
        });
  }

  /** A piece of a prompt has been run for the answer. */
  private void prefilled(Line line, Optional<BatchPass.Drawn> drawn) {
    ScheduledAnswer answer = line.answer();
    answer.done += line.tokens().length;
    if (line.last()) {
      prefilling.remove(answer);
      answer.phase = Phase.DECODING;
      decoding.add(answer);
      pass.keep(answer);
      drawn(line, drawn);
    }
  }

  private void drawn(Line line, Optional<BatchPass.Drawn> drawn) {
    ScheduledAnswer answer = line.answer();
    if (answer.stream.isCancelled()) {
      stop(answer, StopReason.CANCELLED);
      return;
    }
    attempt(
        answer,
        () -> {
          String text = answer.row.advance(drawn.orElseThrow());
          if (answer.row.finished()) {
            pass.keep(answer);
            end(answer, () -> tell(answer, text));
          } else {
            answer.stream.append(text, answer.row.takeScored());
          }
        });
  }

  private static void tell(ScheduledAnswer answer, String rest) {
    answer.stream.append(rest, answer.row.takeScored());
    answer.stream.end(answer.result());
  }

  /** Does something that may fail for this request alone. */
  private void attempt(ScheduledAnswer answer, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      fail(answer, e);
    }
  }

  private void fail(ScheduledAnswer answer, RuntimeException reason) {
    if (answer.phase != Phase.ENDED) {
      end(answer, () -> answer.stream.fail(reason));
    }
  }

  /** Lets another thread work for a request, and goes on with what it found. */
  private <T> void elsewhere(ScheduledAnswer answer, Supplier<T> work, Consumer<T> then) {
    elsewhere.run(
        work,
        found -> back(answer, () -> then.accept(found)),
        failure -> back(answer, () -> fail(answer, failure)));
    answer.phase = Phase.ELSEWHERE;
    sent.add(answer);
  }

  private void back(ScheduledAnswer answer, Runnable next) {
    answer.phase = Phase.BACK;
    sent.remove(answer);
    if (answer.failure.isPresent()) {
      fail(answer, answer.failure.get());
    } else if (answer.stopped.isPresent()) {
      stop(answer, answer.stopped.get());
    } else {
      next.run();
    }
  }

  /** Gives back all that a request holds, and then tells what came of it. */
  private void end(ScheduledAnswer answer, Runnable telling) {
    mayLetIn = true;
    answer.endWaiting();
    answer.phase = Phase.ENDED;
    all.remove(answer.stream);
    answer.deadline.ifPresent(deadline -> deadlines.remove(answer));
    admission.remove(answer);
    List.of(routing, prefilling, decoding).forEach(at -> at.remove(answer));
    if (answer.isWaiting) {
      waiting.decrementAndGet();
    }
    try {
      if (answer.hasSlot()) {
        slots.release(answer);
      }
    } catch (RuntimeException e) {
      logger.warn("A slot was not given back", e); // at the end of the engine
    }
    try {
      answer.request.routing().release();
    } catch (RuntimeException e) {
      logger.warn("What an answer held was not given back", e);
    }
    try {
      telling.run();
    } catch (RuntimeException e) { // of what takes the text, which is the application's
      answer.stream.fail(e);
    }
  }
}
