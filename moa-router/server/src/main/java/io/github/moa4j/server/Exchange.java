package io.github.moa4j.server;

import io.github.moa4j.core.files.Json;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request and its response, in the thread that works for it. Nobody else waits for its client:
 * a write waits in this thread until the client has taken what came before. When the client leaves,
 * the thread is interrupted, and so whatever it waits for.
 */
final class Exchange {

  private static final int WRITE_SECONDS = 60; // for a client to take anything at all

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private Thread worker; // while it works; guarded by this
  private boolean gone; // guarded by this

  /** To be called in the thread of the connection. */
  Exchange(HttpServerRequest request) {
    this.request = request;
    this.response = request.response();
    response.closeHandler(nothing -> leave());
    response.exceptionHandler(e -> leave());
  }

  private synchronized void leave() {
    gone = true;
    if (worker != null) {
      worker.interrupt();
    }
  }

  synchronized boolean isGone() {
    return gone;
  }

  /** Works in this thread, which an interrupt does not outlast. */
  void work(Runnable task) {
    synchronized (this) {
      if (gone) {
        return;
      }
      worker = Thread.currentThread();
    }
    try {
      task.run();
    } finally {
      synchronized (this) {
        worker = null;
        boolean unused = Thread.interrupted();
      }
    }
  }

  String header(String name) {
    return request.getHeader(name);
  }

  boolean hasBegun() {
    return response.headWritten();
  }

  /** Adds a header to the response. */
  void header(String name, String value) {
    response.putHeader(name, value);
  }

  /** Sends a whole response. */
  void send(int status, Object json) {
    send(status, "application/json", Json.compact(json));
  }

  /** Sends a whole response. */
  void send(int status, String contentType, String text) {
    if (!isGone() && !response.ended()) {
      var unused =
          response
              .setStatusCode(status)
              .putHeader("content-type", contentType)
              .putHeader("x-content-type-options", "nosniff")
              .end(text);
    }
  }

  /** Begins a response of events. */
  void beginEvents() {
    response
        .setChunked(true)
        .putHeader("content-type", "text/event-stream; charset=utf-8")
        .putHeader("cache-control", "no-cache")
        .putHeader("x-accel-buffering", "no");
  }

  /** Sends an event, once the client has taken most of those before. */
  void event(Object json) throws InterruptedException {
    write("data: " + Json.compact(json) + "\n\n");
  }

  private void write(String text) throws InterruptedException {
    if (isGone()) {
      throw new InterruptedException("The client has left");
    }
    Future<Void> written = response.write(Buffer.buffer(text));
    if (response.writeQueueFull()) {
      try {
        written.toCompletionStage().toCompletableFuture().get(WRITE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        close();
        throw new InterruptedException("The client takes nothing: " + e);
      }
    }
  }

  /** Ends a response of events. */
  void endEvents() throws InterruptedException {
    write("data: [DONE]\n\n");
    var unused = response.end();
  }

  /** Ends a response of events with an error. */
  void endEvents(ApiError error) {
    if (!isGone() && !response.ended()) {
      var unused = response.end("data: " + Json.compact(error.body()) + "\n\ndata: [DONE]\n\n");
    }
  }

  /** Ends the connection, whatever has been said. */
  void close() {
    var unused = request.connection().close();
  }

  /** Tells of an error. */
  void fail(ApiError error) {
    if (hasBegun()) {
      endEvents(error);
    } else {
      if (error.status() == 401) {
        header("www-authenticate", "Bearer");
      }
      if (error.status() == 429 || error.status() == 503) {
        header("retry-after", "1");
      }
      send(error.status(), error.body());
    }
  }

  /** Tells of an error of which the client would read nothing else on this connection. */
  void failAndClose(ApiError error) {
    header("connection", "close");
    fail(error);
  }
}
