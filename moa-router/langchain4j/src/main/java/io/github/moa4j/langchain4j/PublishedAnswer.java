package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Reads one answer and tells its subscriber what it requests, all in one thread. What is not
 * requested yet is kept, and the mixture does not wait for it.
 */
final class PublishedAnswer implements Flow.Subscription, Runnable {

  private final Supplier<AnswerEvents> question;
  private final Flow.Subscriber<? super ChatModelStreamingEvent> subscriber;
  private final AtomicLong requested = new AtomicLong();
  private volatile boolean cancelled;
  private volatile IllegalArgumentException wrongRequest;
  private volatile AnswerEvents events;
  private volatile Thread reader;

  /** Creates it for one subscriber; it asks when it runs. */
  PublishedAnswer(
      Supplier<AnswerEvents> question,
      Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
    this.question = question;
    this.subscriber = subscriber;
  }

  @Override
  public void run() {
    reader = Thread.currentThread();
    subscriber.onSubscribe(this);
    if (cancelled) {
      return;
    }
    try (AnswerEvents asked = question.get()) {
      events = asked;
      tell(asked);
    } catch (RuntimeException e) {
      if (!cancelled) {
        subscriber.onError(Failures.of(e));
      }
    }
  }

  private void tell(AnswerEvents asked) {
    Optional<ChatModelStreamingEvent> event = cancelled ? Optional.empty() : asked.next();
    while (event.isPresent() && isRequested()) {
      tell(event.get());
      event = cancelled ? Optional.empty() : asked.next();
    }
    if (wrongRequest != null) {
      throw wrongRequest;
    }
    if (!cancelled) {
      cancelled = true; // whatever onComplete throws, it is the last signal
      subscriber.onComplete();
    }
  }

  private boolean isRequested() {
    while (!cancelled && wrongRequest == null && requested.get() == 0) {
      LockSupport.park(this);
    }
    return !cancelled && wrongRequest == null;
  }

  /** A subscriber that throws is told nothing more. */
  private void tell(ChatModelStreamingEvent event) {
    if (requested.get() != Long.MAX_VALUE) {
      requested.decrementAndGet();
    }
    try {
      subscriber.onNext(event);
    } catch (RuntimeException e) {
      cancel();
      throw e;
    }
  }

  @Override
  public void request(long count) {
    if (count <= 0) {
      wrongRequest = new IllegalArgumentException("A request of " + count + " events");
    } else {
      requested.accumulateAndGet(
          count, (old, more) -> old + more < 0 ? Long.MAX_VALUE : old + more);
    }
    LockSupport.unpark(reader);
  }

  @Override
  public void cancel() {
    cancelled = true;
    AnswerEvents started = events;
    if (started != null) {
      started.cancel();
    }
    LockSupport.unpark(reader);
  }
}
