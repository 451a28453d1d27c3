package io.github.moa4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that does what servers and networks do. */
final class BaseTest {

  private static final String WEIGHTS = "model.safetensors";
  private static final Patience HASTY =
      new Patience(Duration.ofSeconds(1), Duration.ofMillis(5), Duration.ofSeconds(2), 3);

  private final byte[] weights = new byte[300_000];
  private HubServer hub;

  @TempDir private Path cache;

  @BeforeEach
  void start() {
    hub = new HubServer();
    new Random(1).nextBytes(weights);
    hub.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    hub.files.put("tokenizer.json", "{\"model\":1}".getBytes(StandardCharsets.UTF_8));
    hub.files.put(WEIGHTS, weights);
    hub.files.put("pytorch_model.bin", new byte[2000]);
    hub.files.put("README.md", new byte[20]);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private Base base() {
    return base(hub.address(), Optional.of("secret"), false);
  }

  private Base base(URI endpoint, Optional<String> token, boolean offline) {
    return Base.of("org/name")
        .with(new HubEnvironment(cache, endpoint, token, offline, ProxySelector.of(null)))
        .with(HASTY);
  }

  @Test
  void laysFilesOutAsPythonDoes() throws IOException {
    Path snapshot = base().fetch();

    Path model = cache.resolve("models--org--name");
    assertThat(snapshot).isEqualTo(model.resolve("snapshots").resolve(HubServer.COMMIT));
    assertThat(model.resolve("refs/main")).hasContent(HubServer.COMMIT);
    assertThat(snapshot.resolve(WEIGHTS)).isSymbolicLink().hasBinaryContent(weights);
    assertThat(Files.readSymbolicLink(snapshot.resolve(WEIGHTS)))
        .isEqualTo(Path.of("../../blobs", HubServer.hash(weights)));
    try (var names = Files.list(snapshot)) {
      assertThat(names.map(name -> name.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "tokenizer.json", WEIGHTS);
    }
    assertThat(cache.resolve(".locks/models--org--name")).isDirectory();
  }

  @Test
  void asksForNothingTwice() {
    base().fetch();
    hub.asked.clear();

    base().fetch();
    assertThat(hub.asked).containsExactly("GET /api/models/org/name/revision/main");

    hub.asked.clear();
    base().revision(HubServer.COMMIT).fetch();
    base(hub.address(), Optional.empty(), true).fetch();
    assertThat(hub.asked).isEmpty();
  }

  @Test
  void goesOnWhereAConnectionWasCut() {
    hub.next("GET " + WEIGHTS, HubServer.cut(100_000));

    assertThat(base().fetch().resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(hub.asked)
        .anyMatch(request -> request.matches("GET .*safetensors bytes=[1-9]\\d*-"));
  }

  @Test
  void goesOnInALaterCallAfterAServerFellSilent() {
    for (int i = 0; i < 4; i++) {
      hub.next("GET " + WEIGHTS, i == 0 ? hub.stall(200_000) : hub.stall(0));
    }
    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll(WEIGHTS, "nothing has come");
    hub.next("GET " + WEIGHTS, (exchange, content) -> false);
    hub.asked.clear();

    assertThat(base().fetch().resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void beginsAnewWhereRangesAreNotServedOrWrong() {
    hub.next("GET " + WEIGHTS, HubServer.cut(100_000));
    hub.next("GET " + WEIGHTS, HubServer.instead(weights));
    assertThat(base().fetch().resolve(WEIGHTS)).hasBinaryContent(weights);

    byte[] other = Arrays.copyOf(weights, 250_000);
    hub.files.put("other.json", other);
    hub.next("GET other.json", HubServer.cut(100_000));
    hub.next(
        "GET other.json",
        (exchange, content) -> {
          exchange.getResponseHeaders().set("Content-Range", "bytes 5-9/10");
          return HubServer.send(exchange, 206, new byte[5]);
        });
    assertThat(base().fetch().resolve("other.json")).hasBinaryContent(other);

    byte[] third = Arrays.copyOf(weights, 200_000);
    hub.files.put("third.json", third);
    hub.next("GET third.json", HubServer.cut(100_000));
    hub.next("GET third.json", HubServer.status(416));
    assertThat(base().fetch().resolve("third.json")).hasBinaryContent(third);
  }

  @Test
  void throwsAwayWhatDoesNotHaveItsHash() throws IOException {
    byte[] wrong = weights.clone();
    wrong[7]++;
    hub.next("GET " + WEIGHTS, HubServer.instead(wrong));

    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll(WEIGHTS, HubServer.hash(weights));
    assertThat(cache.resolve("models--org--name/refs/main")).doesNotExist();
    try (var blobs = Files.list(cache.resolve("models--org--name/blobs"))) {
      assertThat(blobs).hasSize(2);
    }
    assertThat(base().fetch().resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void beginsAnewWhereWhatWasLeftOfAnEarlierAttemptIsDamaged() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--org--name/blobs"));
    Files.write(blobs.resolve(HubServer.hash(weights) + ".moa4j.incomplete"), new byte[150_000]);

    assertThat(base().fetch().resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void refusesMoreBytesThanWereNamedAndFewer() {
    hub.next("GET " + WEIGHTS, HubServer.instead(Arrays.copyOf(weights, 300_001)));
    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("300000 bytes", WEIGHTS);

    for (int i = 0; i < 6; i++) {
      hub.next("GET " + WEIGHTS, HubServer.instead(Arrays.copyOf(weights, 10)));
    }
    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContaining("Cannot fetch");
  }

  @Test
  void refusesAnETagThatIsNoHash() {
    hub.next(
        "HEAD " + WEIGHTS,
        (exchange, content) -> {
          HubServer.describe(exchange, content, "../../escape");
          exchange.sendResponseHeaders(200, -1);
          return true;
        });

    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll(WEIGHTS, "ETag", "escape");
  }

  @Test
  void keepsTheTokenFromHostsThatItIsRedirectedTo() {
    try (HubServer elsewhere = new HubServer()) {
      elsewhere.files.putAll(hub.files);
      URI there = elsewhere.address().resolve("/bucket/" + WEIGHTS + "?signature=x");
      hub.next(
          "HEAD " + WEIGHTS,
          (exchange, content) -> {
            HubServer.describe(exchange, content, HubServer.hash(content));
            exchange.getResponseHeaders().set("Location", there.toString());
            exchange.sendResponseHeaders(302, -1);
            return true;
          });
      hub.next("GET " + WEIGHTS, HubServer.status(302, "Location", there.toString()));

      assertThat(base().fetch().resolve(WEIGHTS)).hasBinaryContent(weights);
      assertThat(hub.tokens).containsOnly("Bearer secret");
      assertThat(elsewhere.asked).containsExactly("GET /bucket/" + WEIGHTS);
      assertThat(elsewhere.tokens).containsExactly("null");
    }
  }

  @Test
  void followsRedirectsOfTheSameHost() {
    hub.next("HEAD config.json", HubServer.status(307, "Location", "/renamed/config.json"));
    hub.next("GET config.json", HubServer.status(301, "Location", "/renamed/config.json"));

    assertThat(base().fetch().resolve("config.json")).hasContent("{}");
  }

  @Test
  void refusesRedirectsThatLeadNowhere() {
    for (String location : List.of("file:///etc/passwd", "ftp://x/y", "http://a b/")) {
      hub.next("GET config.json", HubServer.status(302, "Location", location));
      assertThatThrownBy(() -> base().fetch())
          .as(location)
          .isInstanceOf(HubException.class)
          .hasMessageContaining("redirects to");
    }
    for (int i = 0; i < 20; i++) {
      hub.next("GET config.json", HubServer.status(302, "Location", "config.json"));
    }
    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContaining("10 times");
  }

  @Test
  void saysWhatToDoWhereTheHubRefuses() {
    refused(401, "token is not valid");
    refused(403, "accept the model's terms");
    refused(404, "no such model");
    hub.next("GET revision/main", HubServer.status(401));
    assertThatThrownBy(() -> base(hub.address(), Optional.empty(), false).fetch())
        .hasMessageContainingAll("HF_TOKEN", "private or gated");
  }

  private void refused(int status, String hint) {
    hub.next("GET revision/main", HubServer.status(status, "X-Error-Message", "gone"));
    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("" + status, hint, "gone")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void comesBackWhenABusyServerAsksTo() {
    hub.next("GET revision/main", HubServer.status(429, "Retry-After", "1"));
    hub.next("HEAD " + WEIGHTS, HubServer.status(503));

    long start = System.nanoTime();
    base().fetch();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
    hub.next("GET revision/main", HubServer.status(429, "Retry-After", "3600"));
    assertThatThrownBy(() -> base().fetch()).hasMessageContainingAll("429", "3600 seconds");
  }

  @Test
  void refusesNamesThatLeadOutOfTheFolder() {
    for (String name : List.of("../x.json", "/etc/x.json", "a/../../x.json", "a\\\\..\\\\x.json")) {
      String list =
          "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"%s\"}]}"
              .formatted(HubServer.COMMIT, name);
      hub.next("GET revision/main", HubServer.instead(list.getBytes(StandardCharsets.UTF_8)));
      assertThatThrownBy(() -> base().fetch())
          .as(name)
          .isInstanceOf(HubException.class)
          .hasMessageContaining("outside its folder");
    }
  }

  @Test
  void fetchesTheShardsThatTheIndexNames() {
    hub.files.remove(WEIGHTS);
    hub.files.put("model-00001-of-00002.safetensors", weights);
    hub.files.put("model-00002-of-00002.safetensors", Arrays.copyOf(weights, 2000));
    hub.files.put("consolidated.safetensors", new byte[5000]);
    index("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");

    Path snapshot = base().fetch();

    assertThat(snapshot.resolve("model-00002-of-00002.safetensors")).exists();
    assertThat(snapshot.resolve("consolidated.safetensors")).doesNotExist();
    assertThat(base(hub.address(), Optional.empty(), true).fetch()).isEqualTo(snapshot);
  }

  @Test
  void refusesAnIndexThatLeadsOutOfTheFolder() {
    hub.files.remove(WEIGHTS);
    index("../model.safetensors");
    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContaining("'../model.safetensors'");
  }

  private void index(String... shards) {
    List<String> entries = new ArrayList<>();
    for (String shard : shards) {
      entries.add("\"t" + entries.size() + "\":\"" + shard + "\"");
    }
    hub.files.put(
        "model.safetensors.index.json",
        ("{\"weight_map\":{" + String.join(",", entries) + "}}").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void refusesARepositoryWithoutSafetensors() {
    hub.files.remove(WEIGHTS);

    assertThatThrownBy(() -> base().fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("org/name", "pickle", "safetensors");
    assertThat(hub.asked).hasSize(1);
  }

  @Test
  void takesTheCacheWhereThereIsNoWayToTheHub() {
    Path snapshot = base().fetch();
    hub.close();

    assertThat(base().fetch()).isEqualTo(snapshot);
    assertThatThrownBy(() -> base().revision("other").fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContaining("Cannot fetch");
  }

  @Test
  void fetchesNothingOffline() {
    assertThatThrownBy(() -> base(hub.address(), Optional.empty(), true).fetch())
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("org/name", "HF_HUB_OFFLINE");
    assertThat(hub.asked).isEmpty();
  }

  @Test
  void letsManyFetchAtOnceWithOneDownload() {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(CompletableFuture.supplyAsync(() -> base().fetch()));
    }

    assertThat(all).allSatisfy(path -> assertThat(path.join().resolve(WEIGHTS)).exists());
    assertThat(hub.asked)
        .filteredOn(r -> r.startsWith("GET /org") && r.endsWith(WEIGHTS))
        .hasSize(1);
  }

  @Test
  void tellsHowFarItIs() {
    List<Long> told = new ArrayList<>();

    base()
        .progress(
            (file, bytes, size) -> {
              if (file.equals(WEIGHTS)) {
                told.add(bytes);
                assertThat(size).isEqualTo(300_000);
              }
            })
        .fetch();

    assertThat(told).isSorted().endsWith(300_000L);
  }

  @Test
  void refusesNamesThatAreNone() {
    for (String name : List.of("", "a/b/c", "../x", "a b", "org/..", "org/a--b")) {
      assertThatThrownBy(() -> Base.of(name)).as(name).isInstanceOf(IllegalArgumentException.class);
    }
    for (String revision : List.of("", "../x", "a//b", "a/", "a b")) {
      assertThatThrownBy(() -> Base.of("org/name").revision(revision))
          .as(revision)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
