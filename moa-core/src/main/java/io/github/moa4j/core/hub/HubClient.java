package io.github.moa4j.core.hub;

import io.github.moa4j.core.files.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Flow;

/**
 * Asks the hub. It follows redirects itself, so that the token goes to the hub alone, and asks
 * again where a server is busy for a moment.
 */
final class HubClient {

  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> BUSY = Set.of(429, 500, 502, 503, 504);
  private static final int MOST_REDIRECTS = 10;
  private static final int MOST_METADATA = 64 << 20; // bytes; a list of files is never longer

  private final HubEnvironment environment;
  private final Patience patience;
  private final HttpClient http;

  HubClient(HubEnvironment environment, Patience patience) {
    this.environment = environment;
    this.patience = patience;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // a cut connection ends one request, not all
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience.silence())
            .proxy(environment.proxies())
            .build();
  }

  /** Returns the address of a path on the hub; what a path may not hold is encoded already. */
  URI address(String path) {
    return URI.create(environment.endpoint() + path);
  }

  /** Reads a small answer whole. */
  byte[] read(URI address) throws Unreachable {
    for (int failures = 1; ; failures++) {
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = get(address, Map.of());
      try (ResponseBytes body = new ResponseBytes(response.body(), patience.silence())) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer piece = body.next(); piece != null; piece = body.next()) {
          byte[] bytes = new byte[piece.remaining()];
          piece.get(bytes);
          all.writeBytes(bytes);
          if (all.size() > MOST_METADATA) {
            throw new HubException(address + " answers with more than 64 MiB; expected a list.");
          }
        }
        return all.toByteArray();
      } catch (IOException e) {
        giveUp(address, failures, e);
      }
    }
  }

  /** Asks for the hash and the length of a file. */
  RemoteFile find(String repository, String commit, String name) throws Unreachable {
    URI address = address("/" + repository + "/resolve/" + commit + "/" + name.replace(" ", "%20"));
    HttpResponse<Void> response =
        ask("HEAD", address, Map.of(), BodyHandlers.discarding(), HubClient::isSameHost);
    String tag = header(response, "X-Linked-ETag").or(() -> header(response, "ETag")).orElse("");
    long size =
        header(response, "X-Linked-Size")
            .or(
                () ->
                    REDIRECTS.contains(response.statusCode())
                        ? Optional.empty()
                        : header(response, "Content-Length"))
            .filter(text -> text.matches("[0-9]{1,18}"))
            .map(Long::valueOf)
            .orElse(-1L);
    return new RemoteFile(
        name, address, tag.replaceFirst("^W/", "").replace("\"", "").strip(), size);
  }

  /** Asks for bytes, and follows wherever they are. The caller reads the body. */
  HttpResponse<Flow.Publisher<List<ByteBuffer>>> get(URI address, Map<String, String> headers)
      throws Unreachable {
    return ask("GET", address, headers, BodyHandlers.ofPublisher(), (from, to) -> true);
  }

  /** Whether a redirect is to be followed. */
  private interface Following {
    boolean follows(URI from, URI to);
  }

  private <T> HttpResponse<T> ask(
      String method,
      URI address,
      Map<String, String> headers,
      BodyHandler<T> body,
      Following following)
      throws Unreachable {
    URI at = address;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      HttpResponse<T> response = patiently(request(method, at, headers), body);
      if (!REDIRECTS.contains(response.statusCode())) {
        check(response, at);
        return response;
      }
      URI to = target(at, response);
      if (!following.follows(at, to)) {
        return response;
      }
      discard(response);
      at = to;
    }
    throw new HubException(address + " redirects more than " + MOST_REDIRECTS + " times.");
  }

  private HttpRequest request(String method, URI address, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(patience.silence())
            .header("User-Agent", "moa4j")
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (isSameHost(environment.endpoint(), address)) {
      environment.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    return request.build();
  }

  /** Sends, and again where the server is busy or the connection broke. */
  private <T> HttpResponse<T> patiently(HttpRequest request, BodyHandler<T> body)
      throws Unreachable {
    for (int failures = 1; ; failures++) {
      try {
        HttpResponse<T> response = http.send(request, body);
        if (!BUSY.contains(response.statusCode()) || failures >= patience.attempts()) {
          return response;
        }
        discard(response);
        wait(response, request.uri(), failures);
      } catch (IOException e) {
        giveUp(request.uri(), failures, e);
      } catch (InterruptedException e) {
        throw Patience.interrupted(e);
      } catch (IllegalArgumentException e) {
        throw new HubException("Cannot ask " + shown(request.uri()) + ": " + e.getMessage(), e);
      }
    }
  }

  private void wait(HttpResponse<?> response, URI address, int failures) {
    Optional<Duration> asked =
        header(response, "Retry-After")
            .filter(text -> text.matches("[0-9]{1,9}"))
            .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    if (asked.isEmpty()) {
      patience.rest(failures);
    } else if (asked.get().compareTo(patience.longestPause()) > 0) {
      throw new HubException(
          "%s answers %d and asks to come back in %d seconds, which is not waited for"
              .formatted(shown(address), response.statusCode(), asked.get().toSeconds()));
    } else {
      Patience.sleep(asked.get());
    }
  }

  /** Rests before another attempt, or ends if there were enough. */
  void giveUp(URI address, int failures, IOException e) throws Unreachable {
    if (failures >= patience.attempts()) {
      throw new Unreachable(
          "Cannot fetch from " + shown(address) + ": " + Failure.reason(e) + ".", e);
    }
    patience.rest(failures);
  }

  private URI target(URI from, HttpResponse<?> response) {
    String location =
        header(response, "Location")
            .orElseThrow(() -> new HubException(shown(from) + " redirects to nowhere."));
    URI to;
    try {
      to = from.resolve(URI.create(location));
    } catch (IllegalArgumentException e) {
      throw new HubException(
          shown(from) + " redirects to '" + Failure.quote(location) + "', which is no address.", e);
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    boolean safe =
        scheme.equals("https") || (scheme.equals("http") && "http".equals(from.getScheme()));
    if (!safe || to.getHost() == null) {
      throw new HubException(
          shown(from) + " redirects to '" + Failure.quote(location) + "'; expected https.");
    }
    return to;
  }

  private void check(HttpResponse<?> response, URI address) {
    int status = response.statusCode();
    if (status < 300 || status == 416) {
      return;
    }
    discard(response);
    String why =
        header(response, "X-Error-Message")
            .map(text -> " (" + Failure.quote(text) + ")")
            .orElse("");
    String hint =
        switch (status) {
          case 401 ->
              environment.token().isPresent()
                  ? ": the token is not valid, or there is no such model"
                  : ": there is no such model, or it is private or gated; give a token by HF_TOKEN";
          case 403 ->
              ": the token may not read it; accept the model's terms on its page, or take another"
                  + " token";
          case 404 -> ": there is no such model, revision or file";
          case 429 -> ": too many requests; try later, or give a token by HF_TOKEN";
          default -> "";
        };
    throw new HubException(shown(address) + " answers " + status + why + hint + ".");
  }

  /** Ends a response whose body nobody reads, so that its connection is given back. */
  private static void discard(HttpResponse<?> response) {
    if (response.body() instanceof Flow.Publisher<?>) {
      ResponseBytes.cancel(response);
    }
  }

  /** Without the query, where servers of large files have what proves who may read. */
  private static String shown(URI address) {
    return address.getScheme() + "://" + address.getRawAuthority() + address.getRawPath();
  }

  private static Optional<String> header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name);
  }

  private static boolean isSameHost(URI one, URI other) {
    return Arrays.asList(one.getScheme(), one.getHost(), port(one))
        .equals(Arrays.asList(other.getScheme(), other.getHost(), port(other)));
  }

  private static int port(URI address) {
    int usual = "https".equals(address.getScheme()) ? 443 : 80;
    return address.getPort() < 0 ? usual : address.getPort();
  }
}
