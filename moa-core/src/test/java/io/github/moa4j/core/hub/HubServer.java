package io.github.moa4j.core.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.moa4j.core.files.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A hub on this machine with one model, and every bad habit of servers and networks. */
final class HubServer implements AutoCloseable {

  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** What is done with a request instead of answering it well. */
  interface Trick {
    /** Returns whether the request was dealt with. */
    boolean play(HttpExchange exchange, byte[] content) throws IOException;
  }

  final Map<String, byte[]> files = new LinkedHashMap<>();
  final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, List<Trick>> tricks = new LinkedHashMap<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);

  HubServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Plays a trick, once, on the next request of a method for a path that ends so. */
  synchronized void next(String request, Trick trick) {
    tricks.computeIfAbsent(request, key -> new ArrayList<>()).add(trick);
  }

  private synchronized Trick trick(String request) {
    for (Map.Entry<String, List<Trick>> entry : tricks.entrySet()) {
      String[] wanted = entry.getKey().split(" ", -1);
      if (request.startsWith(wanted[0] + " ")
          && request.endsWith(wanted[1])
          && !entry.getValue().isEmpty()) {
        return entry.getValue().remove(0);
      }
    }
    return (exchange, content) -> false;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String request = exchange.getRequestMethod() + " " + path;
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(range == null ? request : request + " " + range);
    tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    byte[] content = files.get(path.substring(path.lastIndexOf('/') + 1));
    try (exchange) {
      if (trick(request).play(exchange, content)) {
        return;
      }
      if (path.startsWith("/api/models/")) {
        send(exchange, 200, list());
      } else if (content == null) {
        send(exchange, 404, new byte[0]);
      } else {
        serve(exchange, content, range);
      }
    }
  }

  private byte[] list() {
    List<String> names = new ArrayList<>();
    files.keySet().forEach(name -> names.add("{\"rfilename\":\"" + name + "\"}"));
    return ("{\"sha\":\"" + COMMIT + "\",\"siblings\":[" + String.join(",", names) + "]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** As the hub describes its files: large ones by SHA-256, others as git does. */
  static void describe(HttpExchange exchange, byte[] content, String hash) {
    exchange.getResponseHeaders().set("ETag", "W/\"" + hash + "\"");
    exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
    exchange.getResponseHeaders().set("X-Linked-ETag", "\"" + hash + "\"");
    exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.length));
  }

  static String hash(byte[] content) {
    try {
      MessageDigest digest =
          content.length > 1000 ? Sha256.newDigest() : MessageDigest.getInstance("SHA-1");
      if (content.length <= 1000) {
        digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
      }
      return HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void serve(HttpExchange exchange, byte[] content, String range)
      throws IOException {
    describe(exchange, content, hash(content));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
      exchange.sendResponseHeaders(200, -1);
    } else if (range == null) {
      send(exchange, 200, content);
    } else {
      int start = Integer.parseInt(range.replaceAll("\\D", ""));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
      send(exchange, 206, Arrays.copyOfRange(content, start, content.length));
    }
  }

  static boolean send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    return true;
  }

  static Trick status(int status, String... headers) {
    return (exchange, content) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      return send(exchange, status, new byte[0]);
    };
  }

  /** Sends the first bytes only, then cuts the connection. */
  static Trick cut(int bytes) {
    return (exchange, content) -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, bytes);
      exchange.getResponseBody().flush();
      return true;
    };
  }

  /** Sends the first bytes only, and then nothing, without an end. */
  Trick stall(int bytes) {
    return (exchange, content) -> {
      exchange.sendResponseHeaders(200, content.length);
      OutputStream out = exchange.getResponseBody();
      out.write(content, 0, bytes);
      out.flush();
      try {
        return closed.await(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        return true;
      }
    };
  }

  /** Sends something else than the file. */
  static Trick instead(byte[] other) {
    return (exchange, content) -> send(exchange, 200, other);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
