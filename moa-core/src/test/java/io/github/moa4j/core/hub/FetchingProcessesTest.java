package io.github.moa4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that fetch the same model into one cache at the same time. */
@Timeout(120)
class FetchingProcessesTest {

  private static final String WEIGHTS = "model.safetensors";

  private final byte[] weights = new byte[3_000_000];
  private final HubServer hub = new HubServer();
  private final CountDownLatch halfway = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @TempDir private Path cache;

  @BeforeEach
  void serve() {
    new Random(1).nextBytes(weights);
    hub.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    hub.files.put("tokenizer.json", "{\"model\":1}".getBytes(StandardCharsets.UTF_8));
    hub.files.put(WEIGHTS, weights);
    hub.next(
        "GET " + WEIGHTS,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, content.length / 2);
          exchange.getResponseBody().flush();
          halfway.countDown();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            return true;
          }
          exchange.getResponseBody().write(content, content.length / 2, content.length / 2);
          return true;
        });
  }

  @AfterEach
  void stop() {
    goOn.countDown();
    hub.close();
  }

  private List<String> downloads() {
    return hub.asked.stream()
        .filter(request -> request.startsWith("GET") && request.contains(WEIGHTS))
        .toList();
  }

  private long asksOfModels() {
    return hub.asked.stream().filter(request -> request.startsWith("GET /api/models/")).count();
  }

  /** Both have asked what there is; the second waits for the lock of the first. */
  private Process[] begin() throws Exception {
    Process first = FetchingProcess.start(hub.address(), cache);
    assertThat(halfway.await(60, TimeUnit.SECONDS)).isTrue();
    Process second = FetchingProcess.start(hub.address(), cache);
    while (asksOfModels() < 2 || headsOfWeights() < 2) {
      Thread.sleep(20);
    }
    return new Process[] {first, second};
  }

  private long headsOfWeights() {
    return hub.asked.stream()
        .filter(request -> request.startsWith("HEAD") && request.contains(WEIGHTS))
        .count();
  }

  private static Path fetchedBy(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Path.of(said.strip());
  }

  @Test
  void downloadOnce() throws Exception {
    Process[] processes = begin();
    goOn.countDown();

    for (Process process : processes) {
      assertThat(fetchedBy(process).resolve(WEIGHTS)).hasBinaryContent(weights);
    }
    assertThat(downloads()).hasSize(1);
    assertNothingIsLeftOver();
  }

  @Test
  void goOnWhereOneWasKilled() throws Exception {
    Process[] processes = begin();
    Path blobs = cache.resolve("models--org--name/blobs");
    Path incomplete = blobs.resolve(HubServer.hash(weights) + ".moa4j.incomplete");
    while (!Files.exists(incomplete) || Files.size(incomplete) < weights.length / 4) {
      Thread.sleep(20);
    }
    processes[0].toHandle().destroyForcibly();
    processes[0].waitFor();

    assertThat(fetchedBy(processes[1]).resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(downloads()).hasSize(2);
    assertThat(downloads().get(1)).matches(".* bytes=[1-9]\\d*-");
    assertNothingIsLeftOver();
  }

  private void assertNothingIsLeftOver() throws IOException {
    assertThat(cache.resolve("models--org--name/blobs"))
        .isDirectoryNotContaining(path -> path.toString().endsWith("incomplete"));
  }
}
