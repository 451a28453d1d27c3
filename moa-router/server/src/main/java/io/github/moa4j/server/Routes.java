package io.github.moa4j.server;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.router.MixtureOfLoras;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Which path leads where, who may go it, and how many at a time. Thread-safe. */
final class Routes {

  private static final String MODEL = "/v1/models/";

  private static final Pattern JSON =
      Pattern.compile("\\s*application/json\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

  private final ServerSettings settings;
  private final Metrics metrics;
  private final Executor workers;
  private final Vertx vertx;
  private final Models models;
  private final Answering answering;
  private final Adapters adapters;
  private final RequestReader reader;
  private final Page page = new Page();
  private int running; // guarded by this
  private boolean draining; // guarded by this

  Routes(
      MixtureOfLoras mixture,
      ServerSettings settings,
      Metrics metrics,
      Executor workers,
      Vertx vertx) {
    this.settings = settings;
    this.metrics = metrics;
    this.workers = workers;
    this.vertx = vertx;
    this.models = new Models(mixture, settings.baseName());
    this.answering = new Answering(mixture, models, metrics);
    this.adapters = new Adapters(mixture, models, settings.adapterFolder());
    this.reader = new RequestReader(settings);
    metrics.watch(this::running);
  }

  /** What is done with the body of a request. */
  private interface Task {
    void run(Exchange exchange, byte[] body, Client client);
  }

  /** Takes a request, in the thread of its connection. */
  void handle(HttpServerRequest request) {
    Exchange exchange = new Exchange(request);
    try {
      String path = request.path() == null ? "" : request.path();
      switch (path) {
        case "/v1/chat/completions" -> post(request, exchange, this::chat);
        case "/v1/completions" -> post(request, exchange, this::text);
        case "/v1/load_lora_adapter" -> post(request, exchange, change(adapters::load));
        case "/v1/unload_lora_adapter" -> post(request, exchange, change(adapters::unload));
        case "/v1/reload" -> post(request, exchange, change(adapters::reload));
        default -> get(request, exchange, path);
      }
    } catch (RuntimeException | Error e) {
      refuse(request, exchange, ApiError.of(e));
    }
  }

  private void get(HttpServerRequest request, Exchange exchange, String path) {
    if (page.has(path)) {
      requireMethod(request, HttpMethod.GET);
      page.send(exchange, path);
    } else if (path.equals("/health")) {
      requireMethod(request, HttpMethod.GET);
      boolean closing = isDraining();
      exchange.send(closing ? 503 : 200, Map.of("status", closing ? "closing" : "ok"));
    } else if (path.equals("/metrics")) {
      requireMethod(request, HttpMethod.GET);
      requireAdmin(client(request));
      work(
          request,
          exchange,
          () -> exchange.send(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()));
    } else if (path.equals("/v1/models")) {
      requireMethod(request, HttpMethod.GET);
      Client client = client(request);
      work(request, exchange, () -> exchange.send(200, models.list(client)));
    } else if (path.startsWith(MODEL)) {
      requireMethod(request, HttpMethod.GET);
      Client client = client(request);
      String name = decoded(path.substring(MODEL.length()));
      work(request, exchange, () -> exchange.send(200, models.find(name, client)));
    } else {
      throw ApiError.ofStatus(404, "not_found", "There is nothing at this path.");
    }
  }

  private static String decoded(String path) {
    try {
      return URLDecoder.decode(path, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest(
          null, "Behind a % in the path two hexadecimal digits must stand: " + Failure.quote(path));
    }
  }

  private static void requireMethod(HttpServerRequest request, HttpMethod method) {
    boolean head = method.equals(HttpMethod.GET) && request.method().equals(HttpMethod.HEAD);
    if (!request.method().equals(method) && !head) {
      request.response().putHeader("allow", method.name());
      throw ApiError.ofStatus(
          405, "method_not_allowed", "This path takes " + method.name() + " only.");
    }
  }

  private Client client(HttpServerRequest request) {
    String authorization = request.getHeader("authorization");
    return settings.keys().map(keys -> keys.client(authorization)).orElse(Client.ANYBODY);
  }

  private static void requireAdmin(Client client) {
    if (!client.admin()) {
      throw ApiError.notAllowed("This key may not do that: it is not an administrator's.");
    }
  }

  private void chat(Exchange exchange, byte[] body, Client client) {
    limited(() -> answering.answer(exchange, reader.chat(body), client));
  }

  private void text(Exchange exchange, byte[] body, Client client) {
    limited(() -> answering.answer(exchange, reader.text(body), client));
  }

  /** A change of the adapters, by those who may. */
  private Task change(Adapters.Change change) {
    return (exchange, body, client) -> {
      requireAdmin(client);
      exchange.send(200, change.make(body));
    };
  }

  private void post(HttpServerRequest request, Exchange exchange, Task task) {
    requireMethod(request, HttpMethod.POST);
    Client client = client(request);
    String type = request.getHeader("content-type");
    if (type == null || !JSON.matcher(type).matches()) {
      // A page of another site could send anything else here without its browser asking first.
      throw ApiError.ofStatus(
          415, "unsupported_media_type", "The body must be JSON: Content-Type: application/json.");
    }
    String encoding = request.getHeader("content-encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw ApiError.ofStatus(
          415, "unsupported_media_type", "The body must not be compressed: no Content-Encoding.");
    }
    new RequestBody(settings.mostBodyBytes(), vertx)
        .read(
            request,
            body -> work(request, exchange, () -> task.run(exchange, body, client)),
            error -> refuse(request, exchange, error));
  }

  /** Works for a request in a thread that may wait. */
  private void work(HttpServerRequest request, Exchange exchange, Runnable task) {
    try {
      workers.execute(
          () ->
              exchange.work(
                  () -> {
                    try {
                      task.run();
                    } catch (RuntimeException | Error e) { // a client waits, whatever it is
                      refuse(request, exchange, ApiError.of(e));
                    }
                  }));
    } catch (RejectedExecutionException e) {
      refuse(request, exchange, isDraining() ? ApiError.closing() : full());
    }
  }

  private void limited(Runnable task) {
    synchronized (this) {
      if (draining) {
        throw ApiError.closing();
      }
      if (running >= settings.mostRequests()) {
        throw full();
      }
      running++;
    }
    try {
      task.run();
    } finally {
      synchronized (this) {
        running--;
        notifyAll();
      }
    }
  }

  private ApiError full() {
    return ApiError.tooMany(
        settings.mostRequests() + " requests are being answered already; try again later.");
  }

  /** Tells of a request that is not answered. What it still sends is not read. */
  private void refuse(HttpServerRequest request, Exchange exchange, ApiError error) {
    metrics.refused(error.code());
    if (request.isEnded()) {
      exchange.fail(error);
    } else {
      exchange.failAndClose(error);
    }
  }

  /** Answers what is not HTTP as this server understands it. */
  void refuseInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String name = cause == null ? "" : cause.getClass().getSimpleName();
    ApiError error =
        switch (name) {
          case "TooLongHttpLineException" ->
              ApiError.ofStatus(414, "uri_too_long", "The path of the request is too long.");
          case "TooLongHttpHeaderException" ->
              ApiError.ofStatus(431, "headers_too_large", "The request's headers are too large.");
          default -> ApiError.ofStatus(400, "invalid_request", "This is not a valid HTTP request.");
        };
    refuse(request, new Exchange(request), error);
  }

  private synchronized int running() {
    return running;
  }

  private synchronized boolean isDraining() {
    return draining;
  }

  private static long millisLeft(Duration patience, long start) {
    return TimeUnit.MILLISECONDS.convert(patience.minusNanos(System.nanoTime() - start));
  }

  /** Refuses new requests, and waits for those that are running. */
  synchronized void drain(Duration patience) {
    draining = true;
    long start = System.nanoTime();
    try {
      for (long left = millisLeft(patience, start); running > 0 && left > 0; ) {
        wait(left);
        left = millisLeft(patience, start);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
