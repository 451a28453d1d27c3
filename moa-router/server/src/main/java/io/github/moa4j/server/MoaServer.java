package io.github.moa4j.server;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.router.MixtureOfLoras;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A mixture served over HTTP as OpenAI's clients expect it.
 *
 * <pre>{@code
 * try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).open();
 *     MoaServer server = MoaServer.start(mixture, ServerSettings.defaults())) {
 *   System.out.println("http://127.0.0.1:" + server.port());
 *   new CountDownLatch(1).await();
 * }
 * }</pre>
 *
 * <p>Does not own the mixture. Thread-safe.
 */
public final class MoaServer implements AutoCloseable {

  private static final Duration ENDING = Duration.ofSeconds(10); // of threads that are interrupted

  private final Vertx vertx;
  private final Metrics metrics;
  private final ExecutorService workers;
  private final Routes routes;
  private final HttpServer http;

  private MoaServer(MixtureOfLoras mixture, ServerSettings settings) {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(2)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    metrics = new Metrics(mixture);
    workers = Workers.start((int) Math.min(settings.mostRequests() + 16L, Integer.MAX_VALUE));
    routes = new Routes(mixture, settings, metrics, workers, vertx);
    http =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    // Nobody needs it without encryption, and it knows no "Connection: close", with
                    // which a request is refused that is still being sent.
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(idleSeconds(settings.timeLimit()))
                    .setHandle100ContinueAutomatically(true))
            .requestHandler(routes::handle)
            .invalidRequestHandler(routes::refuseInvalid);
  }

  /** A connection is not idle while an answer is computed. */
  private static int idleSeconds(Duration timeLimit) {
    return (int) Math.min(timeLimit.toSeconds(), Integer.MAX_VALUE - 60) + 60;
  }

  /**
   * Starts to serve a mixture.
   *
   * @throws MoaException if the port cannot be listened on
   */
  public static MoaServer start(MixtureOfLoras mixture, ServerSettings settings) {
    MoaServer server = new MoaServer(mixture, settings);
    try {
      await(server.http.listen(settings.port(), settings.host()), Duration.ofSeconds(30));
      return server;
    } catch (ExecutionException | TimeoutException e) {
      server.close();
      throw new MoaException(
          "Cannot listen on "
              + settings.host()
              + ", port "
              + settings.port()
              + ": "
              + (e.getCause() == null ? e : e.getCause()).getMessage()
              + ". Choose another port or address.",
          e);
    }
  }

  /** Returns the port that is listened on. */
  public int port() {
    return http.actualPort();
  }

  /** Closes at once; see {@link #close(Duration)}. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /**
   * Refuses new requests, gives those that are running some time to end, and ends what is left.
   *
   * @param patience how long running requests may go on; none at zero
   */
  public void close(Duration patience) {
    routes.drain(patience);
    workers.shutdownNow();
    try {
      boolean unused = workers.awaitTermination(ENDING.toSeconds(), TimeUnit.SECONDS);
      await(vertx.close(), ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new MoaException("The server could not be closed: " + e.getMessage() + ".", e);
    } finally {
      metrics.close();
    }
  }

  private static void await(Future<?> future, Duration patience)
      throws ExecutionException, TimeoutException {
    try {
      var unused =
          future
              .toCompletionStage()
              .toCompletableFuture()
              .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoaException("The thread was interrupted while it waited for the server.", e);
    }
  }
}
