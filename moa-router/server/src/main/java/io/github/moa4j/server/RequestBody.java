package io.github.moa4j.server;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Reads the body of a request, in the thread of its connection, if it is small and comes soon. */
final class RequestBody {

  private static final long PATIENCE = 60_000; // milliseconds

  private final int mostBytes;
  private final Vertx vertx;
  private final Buffer body = Buffer.buffer();
  private boolean done;

  RequestBody(int mostBytes, Vertx vertx) {
    this.mostBytes = mostBytes;
    this.vertx = vertx;
  }

  /** Calls either of two: with the body, or with what is wrong with it. */
  void read(HttpServerRequest request, Consumer<byte[]> whole, Consumer<ApiError> refused) {
    String length = request.getHeader("content-length");
    if (length != null && (length.length() > 18 || Long.parseLong(length) > mostBytes)) {
      throw tooLarge();
    }
    long timer =
        vertx.setTimer(
            PATIENCE,
            late ->
                end(
                    () ->
                        refused.accept(
                            ApiError.ofStatus(
                                408, "request_timeout", "The request's body did not come."))));
    request.handler(
        piece -> {
          if (!done && body.length() + piece.length() > mostBytes) {
            end(() -> refused.accept(tooLarge()));
          } else if (!done) {
            body.appendBuffer(piece);
          }
        });
    request.endHandler(
        nothing -> {
          boolean unused = vertx.cancelTimer(timer);
          end(() -> whole.accept(body.getBytes()));
        });
    request.exceptionHandler(
        e -> {
          boolean unused = vertx.cancelTimer(timer);
          done = true; // the client has left
        });
  }

  private void end(Runnable last) {
    if (!done) {
      done = true;
      last.run();
    }
  }

  private ApiError tooLarge() {
    return ApiError.ofStatus(
        413,
        "request_too_large",
        "The body of a request may have " + mostBytes + " bytes at most.");
  }
}
