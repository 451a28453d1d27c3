package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.tool.SpokenText;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Asks a question anew for every subscriber, and publishes the answer's text. What a slow
 * subscriber has not asked for yet is kept, at most the whole answer, and nobody waits for it.
 *
 * @param start asks the question, given what takes the text
 * @param spoken what passes on an answer's text as it comes
 * @param mostPieces how many pieces an answer may have
 * @param executor runs the subscribers
 */
record AnswerPublisher(
    Function<Consumer<String>, OpenAnswer> start,
    Supplier<SpokenText> spoken,
    int mostPieces,
    Executor executor)
    implements Flow.Publisher<String> {

  @Override
  public void subscribe(Flow.Subscriber<? super String> subscriber) {
    SubmissionPublisher<String> pieces = new SubmissionPublisher<>(executor, mostPieces);
    Cancelling cancelling = new Cancelling(subscriber);
    pieces.subscribe(cancelling);
    SpokenText said = spoken.get();
    try {
      OpenAnswer answer = start.apply(piece -> offer(pieces, said.add(piece)));
      cancelling.started(answer);
      answer.whenEnded(
          failure -> {
            failure.ifPresentOrElse(
                pieces::closeExceptionally,
                () -> {
                  offer(pieces, said.end());
                  pieces.close();
                });
          });
    } catch (MoaException e) {
      pieces.closeExceptionally(e);
    }
  }

  private static void offer(SubmissionPublisher<String> pieces, String piece) {
    if (!piece.isEmpty()) {
      pieces.offer(piece, null);
    }
  }

  /** Lets a subscription that ends before the answer cancel it. */
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

    /** Told also of what the subscriber itself threw, and of a request for nothing. */
    @Override
    public void onError(Throwable failure) {
      cancel();
      subscriber.onError(failure);
    }

    @Override
    public void onComplete() {
      subscriber.onComplete();
    }
  }
}
