package io.github.moa4j.core.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of a response as they come, asked for one by one. The JDK's client has no time limit
 * for a body: a server that falls silent is noticed here.
 */
final class ResponseBytes implements AutoCloseable {

  private final BlockingQueue<Object> arrived = new ArrayBlockingQueue<>(3);
  private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
  private final Duration silence;
  private volatile Flow.Subscription subscription;

  ResponseBytes(Flow.Publisher<List<ByteBuffer>> body, Duration silence) {
    this.silence = silence;
    body.subscribe(new Arrivals());
  }

  /** Gives a response's connection back without reading it. */
  static void cancel(HttpResponse<?> response) {
    if (response.body() instanceof Flow.Publisher<?> body) {
      body.subscribe(
          new Flow.Subscriber<Object>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
              subscription.cancel();
            }

            @Override
            public void onNext(Object item) {
              // cancelled
            }

            @Override
            public void onError(Throwable failure) {
              // cancelled
            }

            @Override
            public void onComplete() {
              // cancelled
            }
          });
    }
  }

  /**
   * Returns the next piece, null at the end.
   *
   * @throws IOException if the connection broke, or nothing has come for too long
   */
  ByteBuffer next() throws IOException {
    while (pieces.isEmpty()) {
      Object signal = await();
      if (signal instanceof Throwable failure) {
        throw new IOException(
            failure.getMessage() == null ? "the connection broke" : failure.getMessage(), failure);
      }
      if (!(signal instanceof Piece piece)) {
        return null;
      }
      pieces.addAll(piece.buffers());
      subscription.request(1);
    }
    return pieces.remove();
  }

  private Object await() throws IOException {
    try {
      Object signal = arrived.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
      if (signal == null) {
        throw new IOException("nothing has come for " + silence.toMillis() / 1000.0 + " seconds");
      }
      return signal;
    } catch (InterruptedException e) {
      throw Patience.interrupted(e);
    }
  }

  /** Ends the response, whether it was read to its end or not. */
  @Override
  public void close() {
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
  }

  private record Piece(List<ByteBuffer> buffers) {}

  private final class Arrivals implements Flow.Subscriber<List<ByteBuffer>> {

    @Override
    public void onSubscribe(Flow.Subscription value) {
      subscription = value;
      value.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      arrived.add(new Piece(List.copyOf(buffers)));
    }

    @Override
    public void onError(Throwable failure) {
      arrived.add(failure);
    }

    @Override
    public void onComplete() {
      arrived.add(true);
    }
  }
}
