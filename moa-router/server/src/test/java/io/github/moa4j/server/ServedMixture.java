package io.github.moa4j.server;

import ai.djl.util.Utils;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.testing.SmallMixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** A mixture whose two domains have learnt one answer each, opened once. */
final class ServedMixture {

  static final String CAPITAL = SmallMixture.CAPITAL;
  static final String SOUND = SmallMixture.SOUND;

  private ServedMixture() {}

  /** The one that all tests of this process share. */
  static MixtureOfLoras shared() {
    return Shared.MIXTURE;
  }

  /** Where it lies. */
  static Path directory() {
    return shared().directory().directory();
  }

  /** OpenAI's own client of a server, which tries nothing twice. */
  static OpenAIClient client(MoaServer server) {
    return OpenAIOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + server.port() + "/v1")
        .apiKey("none")
        .maxRetries(0)
        .build();
  }

  /** Posts a chat completion's JSON as a client without a library of OpenAI's does. */
  static HttpResponse<String> ask(MoaServer server, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static final class Shared {

    static final MixtureOfLoras MIXTURE = open();
  }

  private static MixtureOfLoras open() {
    try {
      Path folder = Files.createTempDirectory("moa4j-served");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Utils.deleteQuietly(folder)));
      return MixtureOfLoras.builder(SmallMixture.trained(folder.resolve("mixture"))).open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
