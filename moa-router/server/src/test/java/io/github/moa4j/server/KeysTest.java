package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key sees its domains and nothing that would tell of others. */
@Timeout(300)
final class KeysTest {

  private static final String ANIMALS = "key-of-those-who-see-animals";
  private static final String ALL = "key-of-those-who-see-all-there-is";

  @TempDir static Path folder;
  private static MoaServer server;

  @BeforeAll
  static void serve() throws IOException {
    Path keys =
        Files.writeString(
            folder.resolve("keys.json"),
            """
            {"keys": [{"name": "zoo", "key": "%s", "domains": ["animals"]},
                      {"name": "all", "key": "%s", "admin": true}]}
            """
                .formatted(ANIMALS, ALL));
    server =
        MoaServer.start(
            ServedMixture.shared(),
            ServerSettings.builder().port(0).keys(ApiKeys.read(keys)).build());
  }

  @AfterAll
  static void end() {
    server.close();
  }

  private static HttpResponse<String> send(String key, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    if (!body.isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String asking(String model, String text) {
    return """
        {"model": "%s", "max_tokens": 8, "messages": [{"role": "user", "content": "%s"}]}"""
        .formatted(model, text);
  }

  @Test
  void whoHasNoKeyGetsNothing() throws Exception {
    assertThat(send("", "/v1/models", "").statusCode()).isEqualTo(401);
    assertThat(send("another-key-of-nobody", "/v1/models", "").statusCode()).isEqualTo(401);
    assertThat(send("", "/health", "").statusCode()).isEqualTo(200);
  }

  @Test
  void modelsAreThoseThatTheKeySees() throws Exception {
    assertThat(send(ANIMALS, "/v1/models", "").body()).contains("animals").doesNotContain("capit");
    assertThat(send(ALL, "/v1/models", "").body()).contains("animals", "capitals");
  }

  @Test
  void aForbiddenDomainIsAsUnknownAsOneThatIsNot() throws Exception {
    String forbidden = send(ANIMALS, "/v1/chat/completions", asking("capitals", "Hello")).body();
    String unknown = send(ANIMALS, "/v1/chat/completions", asking("nothings", "Hello")).body();
    assertThat(forbidden.replace("capitals", "nothings")).isEqualTo(unknown);
  }

  @Test
  void theRouterChoosesAmongTheKeysDomains() throws Exception {
    HttpResponse<String> reply =
        send(ANIMALS, "/v1/chat/completions", asking("auto", ServedMixture.CAPITAL));
    assertThat(reply.statusCode()).isEqualTo(200);
    assertThat(reply.body()).doesNotContain("\"capitals\"");
    assertThat(send(ALL, "/v1/chat/completions", asking("auto", ServedMixture.CAPITAL)).body())
        .contains("\"capitals\"");
  }

  @Test
  void metricsAreForAdministrators() throws Exception {
    assertThat(send(ANIMALS, "/metrics", "").statusCode()).isEqualTo(403);
    assertThat(send(ALL, "/metrics", "").body()).contains("gen_ai_");
  }

  @Test
  void whoReadsTheMetricsOfAllDomainsSeesThemAll() throws IOException {
    Path keys =
        Files.writeString(
            folder.resolve("both.json"),
            """
            {"keys": [{"name": "zoo", "key": "%s", "domains": ["animals"], "admin": true}]}"""
                .formatted(ANIMALS));
    assertThatThrownBy(() -> ApiKeys.read(keys))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("both.json", "domains", "admin");
  }

  @Test
  void aKeyMayHaveAnyLettersHoweverClientsSendThem() throws Exception {
    Path keys =
        Files.writeString(
            folder.resolve("letters.json"),
            "{\"keys\": [{\"name\": \"german\", \"key\": \"Schlüssel-für-Möwen-und-Bären\"}]}");
    try (MoaServer strict =
        MoaServer.start(
            ServedMixture.shared(),
            ServerSettings.builder().port(0).keys(ApiKeys.read(keys)).build())) {
      for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1)) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), strict.port())) {
          String request =
              """
              GET /v1/models HTTP/1.1\r
              Host: localhost\r
              Authorization: Bearer Schlüssel-für-Möwen-und-Bären\r
              Connection: close\r
              \r
              """;
          socket.getOutputStream().write(request.getBytes(charset));
          assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
              .as(charset.name())
              .startsWith("HTTP/1.1 200");
        }
      }
    }
  }

  @Test
  void aBodyInAnotherCharsetIsToldWhichOneItMustHave() throws Exception {
    HttpRequest latin =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .header("Authorization", "Bearer " + ALL)
            .header("Content-Type", "application/json; charset=iso-8859-1")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    asking("auto", "Größe"), StandardCharsets.ISO_8859_1))
            .build();
    HttpResponse<String> reply =
        HttpClient.newHttpClient().send(latin, HttpResponse.BodyHandlers.ofString());
    assertThat(reply.statusCode()).isEqualTo(400);
    assertThat(reply.body()).contains("UTF-8").doesNotContain("file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "null",
        "{\"model\": \"auto\"}",
        "{\"model\": 7, \"messages\": []}",
        "{\"model\": \"auto\", \"messages\": []}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\"}]}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"king\", \"content\": \"x\"}]}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"temperature\": 1e999}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"temprature\": 1}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"max_tokens\": -1}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"response_format\": {\"type\": \"yaml\"}}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"x\","
            + " \"schema\": {\"type\": \"strange\"}}}}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"structured_outputs\": {\"choice\": [\"a\"], \"regex\": \"b\"}}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"guided_regex\": \"(?=a)b\"}",
        "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}],"
            + " \"guided_choice\": [\"a\"], \"response_format\": {\"type\": \"json_object\"}}",
      })
  void whatIsNoValidRequestIsToldSo(String body) throws Exception {
    HttpResponse<String> reply = send(ALL, "/v1/chat/completions", body);
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(400);
    assertThat(reply.body()).startsWith("{\"error\":").contains("\"message\"");
  }
}
