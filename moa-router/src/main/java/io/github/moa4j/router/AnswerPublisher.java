package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Asks a question anew for every subscriber, and publishes the answer's text. What a slow
 * subscriber has not asked for yet is kept, at most the whole answer, and nobody waits for it.
 *
 * @param start asks the question, given what takes the text
 * @param mostPieces how many pieces an answer may have
 * @param executor runs the subscribers
 */
record AnswerPublisher(
    Function<Consumer<String>, OpenAnswer> start, int mostPieces, Executor executor)
    implements Flow.Publisher<String> {

  @Override
  public void subscribe(Flow.Subscriber<? super String> subscriber) {
    SubmissionPublisher<String> pieces = new SubmissionPublisher<>(executor, mostPieces);
    Cancelling cancelling = new Cancelling(subscriber);
    pieces.subscribe(cancelling);
    try {
      OpenAnswer answer = start.apply(piece -> pieces.offer(piece, null));
      cancelling.started(answer);
      answer.whenEnded(
          failure -> failure.ifPresentOrElse(pieces::closeExceptionally, pieces::close));
    } catch (MoaException e) {
      pieces.closeExceptionally(e);
    }
  }

  /** Lets a subscription that is cancelled cancel the answer. */
  private static final class Cancelling implements Flow.Subscriber<String> {

    private final Flow.Subscriber<? super String> subscriber;
    private OpenAnswer answer; // guarded by this
    private boolean cancelled; // guarded by this

    Cancelling(Flow.Subscriber<? super String> subscriber) {
      this.subscriber = subscriber;
    }

    synchronized void started(OpenAnswer started) {
      answer = started;
      if (cancelled) {
        answer.cancel();
      }
    }

    private synchronized void cancel() {
      cancelled = true;
      if (answer != null) {
        answer.cancel();
      }
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long count) {
              subscription.request(count);
            }

            @Override
            public void cancel() {
              subscription.cancel();
              Cancelling.this.cancel();
            }
          });
    }

    @Override
    public void onNext(String piece) {
      subscriber.onNext(piece);
    }

    @Override
    public void onError(Throwable failure) {
      subscriber.onError(failure);
    }

    @Override
    public void onComplete() {
      subscriber.onComplete();
    }
  }
}
