package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.files.Json;
import io.github.moa4j.router.MixtureOfLoras;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that come and go while the server runs, where its owner allows it. */
@Timeout(300)
final class AdaptersTest {

  @TempDir static Path folder;
  private static MixtureOfLoras mixture;
  private static MoaServer server;
  private static MoaServer closed;

  @BeforeAll
  static void serve() throws IOException {
    Path stored;
    try (Stream<Path> files = Files.walk(ServedMixture.directory())) {
      stored =
          files
              .filter(file -> file.endsWith("adapter_config.json"))
              .filter(file -> file.toString().contains("capitals"))
              .findFirst()
              .orElseThrow()
              .getParent();
    }
    Path copy = Files.createDirectory(folder.resolve("copy"));
    try (Stream<Path> files = Files.list(stored)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Files.createDirectory(folder.resolve("empty"));
    Files.createSymbolicLink(folder.resolve("out"), stored);
    mixture = MixtureOfLoras.builder(ServedMixture.directory()).open();
    server =
        MoaServer.start(mixture, ServerSettings.builder().port(0).adapterFolder(folder).build());
    closed = MoaServer.start(mixture, ServerSettings.builder().port(0).build());
  }

  @AfterAll
  static void end() {
    server.close();
    closed.close();
    mixture.close();
  }

  private static HttpResponse<String> post(MoaServer to, String path, Object body)
      throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to.port() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.compact(body)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> load(String name, String path) throws Exception {
    return post(server, "/v1/load_lora_adapter", Map.of("lora_name", name, "lora_path", path));
  }

  private static HttpResponse<String> unload(String name) throws Exception {
    return post(server, "/v1/unload_lora_adapter", Map.of("lora_name", name));
  }

  private static HttpResponse<String> ask(String model) throws Exception {
    Map<String, Object> message = Map.of("role", "user", "content", ServedMixture.CAPITAL);
    return post(
        server,
        "/v1/chat/completions",
        Map.of("model", model, "max_tokens", 16, "messages", java.util.List.of(message)));
  }

  @Test
  void aLoadedAdapterAnswersUntilItIsUnloaded() throws Exception {
    assertThat(ask("second").statusCode()).isEqualTo(404);

    assertThat(load("second", "copy").statusCode()).isEqualTo(200);
    assertThat(ask("second").body()).contains("Paris is the capital of France.");
    assertThat(load("second", "copy").statusCode()).as("there is one already").isEqualTo(400);

    assertThat(unload("second").statusCode()).isEqualTo(200);
    assertThat(ask("second").statusCode()).isEqualTo(404);
    assertThat(unload("second").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "empty",
        "nowhere",
        "..",
        "out",
        "/etc",
        "copy/adapter_config.json",
        "\u0000"
      })
  void whatIsNoAdapterOfTheFolderIsNotLoaded(String path) throws Exception {
    HttpResponse<String> reply = load("third", path);
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(400);
    assertThat(mixture.registry().contains("third")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "base", "", "a/b", "../x", "\u0000", "a b"})
  void aNameThatNobodyCouldAskForIsRefused(String name) throws Exception {
    HttpResponse<String> reply = load(name, "copy");
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(400);
    assertThat(mixture.registry().contains(name)).isFalse();
  }

  @Test
  void whatWasCommittedSinceIsServedAfterAReload() throws Exception {
    assertThat(post(server, "/v1/reload", Map.of()).body()).contains("reloaded");
    assertThat(ask("capitals").body()).contains("Paris is the capital of France.");
    assertThat(post(server, "/v1/reload", Map.of("now", true)).statusCode()).isEqualTo(400);
  }

  @Test
  void nothingIsChangedWhereTheOwnerHasNotAllowedIt() throws Exception {
    for (String path : new String[] {"load_lora_adapter", "unload_lora_adapter", "reload"}) {
      assertThat(post(closed, "/v1/" + path, Map.of("lora_name", "capitals")).statusCode())
          .isEqualTo(403);
    }
    assertThat(mixture.registry().contains("capitals")).isTrue();
  }
}
