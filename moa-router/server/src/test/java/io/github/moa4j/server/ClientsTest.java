package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave, dawdle, crowd, or send what nobody understands: the others go on. */
@Timeout(120)
final class ClientsTest {

  private static final int MOST_BYTES = 20_000;

  /** The only answer it may have has hundreds of tokens, as no word is in it. */
  private static final String ENDLESS =
      Json.compact(
          Map.of(
              "model",
              "base",
              "stream",
              true,
              "max_tokens",
              1000,
              "messages",
              List.of(Map.of("role", "user", "content", "Tell me all")),
              "response_format",
              Map.of(
                  "type",
                  "json_schema",
                  "json_schema",
                  Map.of("name", "long", "schema", Map.of("const", letters(900))))));

  private static MoaServer server;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeAll
  static void serve() {
    server =
        MoaServer.start(
            ServedMixture.shared(),
            ServerSettings.builder().port(0).mostRequests(2).mostBodyBytes(MOST_BYTES).build());
  }

  @AfterAll
  static void end() {
    server.close();
  }

  /** A text without a word, so that most of its letters are tokens. */
  static String letters(int count) {
    return new SplittableRandom(1)
        .ints(count, 0, 20)
        .mapToObj(i -> "bcdfghjklmnpqrstvwxz".substring(i, i + 1))
        .collect(Collectors.joining());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String body) throws Exception {
    return send(
        request("/v1/chat/completions")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  @ParameterizedTest
  @CsvSource({"Content-Encoding, gzip", "Content-Type, application/jsonp"})
  void aBodyInAnotherFormIsRefused(String header, String value) throws Exception {
    HttpResponse<String> refused =
        send(
            request("/v1/chat/completions")
                .header("Content-Type", "application/json; charset=utf-8")
                .setHeader(header, value)
                .POST(BodyPublishers.ofString("{}"))
                .build());
    assertThat(refused.statusCode()).isEqualTo(415);
    assertThat(refused.body()).contains("unsupported_media_type");
  }

  private static HttpResponse<String> asked() throws Exception {
    return post(
        """
        {"model": "capitals", "max_tokens": 16,
         "messages": [{"role": "user", "content": "%s"}]}"""
            .formatted(ServedMixture.CAPITAL));
  }

  /** Sends what a client may send, byte for byte. */
  private static Socket raw(String text) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1024);
    socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private static Socket endless() throws IOException {
    Socket socket =
        raw(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: "
                + ENDLESS.length()
                + "\r\n\r\n"
                + ENDLESS);
    InputStream in = socket.getInputStream();
    String start = new String(in.readNBytes(15), StandardCharsets.UTF_8);
    if (!start.equals("HTTP/1.1 200 OK")) {
      throw new AssertionError(start + new String(in.readNBytes(900), StandardCharsets.UTF_8));
    }
    return socket;
  }

  /** Returns the value of a meter, summed over its tags. */
  private static double metric(String name, String tag) throws Exception {
    return send(request("/metrics").build())
        .body()
        .lines()
        .filter(line -> line.startsWith(name) && line.contains(tag))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static double cancelled() throws Exception {
    return metric("gen_ai_server_request_duration_seconds_count", "error_type=\"cancelled\"");
  }

  private static void awaitNoneOpen() throws Exception {
    while (metric("moa_server_requests", "") > 0) {
      Thread.sleep(20);
    }
    assertThat(ServedMixture.shared().registry().awaitLeases(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void whoLeavesIsAnsweredNoFurther() throws Exception {
    double before = cancelled();
    endless().close();
    awaitNoneOpen();
    assertThat(cancelled()).isEqualTo(before + 1);
  }

  @Test
  void whoReadsNothingHoldsNobodyUp() throws Exception {
    try (Socket idle = endless()) {
      HttpResponse<String> other = asked();
      assertThat(other.body()).contains("Paris is the capital of France.");
      assertThat(idle.isClosed()).isFalse();
    }
    awaitNoneOpen();
  }

  @Test
  void whoSendsHalfOfARequestHoldsNobodyUp() throws Exception {
    List<Socket> halves = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      halves.add(
          raw(
              "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  + "Content-Length: 5000\r\n\r\n{\"model\""));
      halves.add(raw("GET /health HT"));
    }
    assertThat(asked().statusCode()).isEqualTo(200);
    for (Socket half : halves) {
      half.close();
    }
  }

  @Test
  void whoIsOneTooManyIsToldWhenToComeAgain() throws Exception {
    try (Socket first = endless();
        Socket second = endless()) {
      HttpResponse<String> third = asked();
      assertThat(third.statusCode()).as(third.body()).isEqualTo(429);
      assertThat(third.headers().firstValue("retry-after")).hasValue("1");
      assertThat(third.body()).contains("rate_limit_error", "too_many_requests");
      assertThat(send(request("/health").build()).statusCode()).isEqualTo(200);
      assertThat(first.isClosed() || second.isClosed()).isFalse();
    }
    awaitNoneOpen();
    assertThat(asked().statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyTooLargeIsRefusedWhetherItsLengthIsToldOrNot() throws Exception {
    byte[] large = "x".repeat(MOST_BYTES + 1).getBytes(StandardCharsets.UTF_8);
    for (HttpRequest.BodyPublisher body :
        List.of(
            BodyPublishers.ofByteArray(large),
            BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(large)))) {
      HttpResponse<String> reply =
          send(
              request("/v1/chat/completions")
                  .header("Content-Type", "application/json")
                  .POST(body)
                  .build());
      assertThat(reply.statusCode()).isEqualTo(413);
      assertThat(reply.body()).contains("request_too_large", "" + MOST_BYTES);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model",
        "messages",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "repetition_penalty",
        "stop",
        "seed",
        "n",
        "stream",
        "stream_options",
        "response_format",
        "tools",
        "tool_choice",
        "logprobs",
        "top_logprobs",
        "chat_template_kwargs",
        "frequency_penalty",
        "logit_bias",
        "functions",
        "modalities"
      })
  void aFieldOfAnotherTypeIsToldByItsName(String field) throws Exception {
    Map<String, Object> request = new HashMap<>();
    request.put("model", "base");
    request.put("max_tokens", 1);
    request.put("messages", List.of(Map.of("role", "user", "content", "Hi")));
    for (Object wrong :
        List.of(
            "\u0000",
            7.5,
            -1,
            Long.MAX_VALUE,
            new java.math.BigDecimal("1e99"),
            List.of(List.of()),
            List.of(1, "x", false),
            Map.of("type", 5),
            Map.of("\ud83d\ude00", Map.of()))) {
      Map<String, Object> changed = new HashMap<>(request);
      changed.put(field, wrong);
      HttpResponse<String> reply = post(Json.compact(changed));
      assertThat(reply.statusCode()).as(reply.body()).isIn(200, 400, 404);
      if (reply.statusCode() == 400) {
        assertThat(reply.body()).as("for %s", wrong).contains(field);
      }
    }
  }

  @Test
  void textOfAnyScriptIsRead() throws Exception {
    for (String text :
        List.of(
            "\ud83e\udd84\u200d\ud83d\udd25 \u05e9\u05dc\u05d5\u05dd \u4f60\u597d",
            "\u0000\u0001\u202e",
            "\ud800",
            "\ufeff",
            "e\u0301".repeat(50))) {
      HttpResponse<String> reply =
          post(
              Json.compact(
                  Map.of(
                      "model",
                      "base",
                      "max_tokens",
                      2,
                      "messages",
                      List.of(Map.of("role", "user", "content", text)))));
      assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NONSENSE\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        "POST /v1/models HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "GET /v1/models/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        "DELETE /v1/models HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/chat/completions HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
      })
  void whatIsNoRequestOfOursIsRefused(String text) throws Exception {
    try (Socket socket = raw(text)) {
      byte[] start = socket.getInputStream().readNBytes(12);
      assertThat(new String(start, StandardCharsets.UTF_8)).matches("HTTP/\\d\\.\\d (4\\d\\d|501)");
    }
    assertThat(send(request("/health").build()).statusCode()).isEqualTo(200);
  }
}
