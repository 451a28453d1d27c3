package io.github.moa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.GramRegression;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.TokenClassifier;
import io.github.moa4j.router.stored.StoredRouters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTP, too, two mixtures that differ in a domain a key does not see are one. */
@Timeout(300)
final class ForbiddenDomainTest {

  private static final int QUESTIONS = 20;
  private static final String KEY = "key-of-those-who-see-animals";
  private static final String SECRET = "poems";
  private static final List<String> MODELS =
      List.of("auto", "auto", "base", "animals", "capitals", SECRET, "nothing", "aut", "../x", "");
  private static final List<String> TEXTS =
      List.of(ServedMixture.CAPITAL, ServedMixture.SOUND, "What", "", " ", "poems poems");

  private static final Pattern SAID =
      Pattern.compile("\"(?:content|text)\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  @Test
  void cannotBeToldFromItsAbsence() throws Exception {
    ServerSettings settings = ServerSettings.builder().port(0).keys(keys()).build();
    try (MixtureOfLoras with = MixtureOfLoras.builder(withSecret()).open();
        MoaServer one = MoaServer.start(ServedMixture.shared(), settings);
        MoaServer other = MoaServer.start(with, settings)) {
      assertThat(told(other, "/v1/models", "")).isEqualTo(told(one, "/v1/models", ""));
      for (String model : MODELS) {
        String path = "/v1/models/" + model.replace("/", "%2F");
        assertThat(told(other, path, "")).as(path).isEqualTo(told(one, path, ""));
      }
      for (String path : List.of("/metrics", "/v1/reload", "/v1/load_lora_adapter", "/health")) {
        assertThat(told(other, path, "")).as(path).isEqualTo(told(one, path, ""));
        assertThat(told(other, path, "{\"lora_name\": \"poems\"}"))
            .as(path)
            .isEqualTo(told(one, path, "{\"lora_name\": \"poems\"}"));
      }
      Random random = new Random(1);
      for (int i = 0; i < QUESTIONS; i++) {
        String path = random.nextInt(4) == 0 ? "/v1/completions" : "/v1/chat/completions";
        String body = body(path, random);
        assertThat(told(other, path, body)).as(body).isEqualTo(told(one, path, body));
      }
    }
  }

  private static ApiKeys keys() throws IOException {
    return ApiKeys.read(
        Files.writeString(
            folder.resolve("keys.json"),
            """
            {"keys": [{"name": "zoo", "key": "%s", "domains": ["animals"]}]}"""
                .formatted(KEY)));
  }

  private static String body(String path, Random random) {
    String text = TEXTS.get(random.nextInt(TEXTS.size()));
    return "{\"model\": \"%s\", \"max_tokens\": 4, \"stream\": %s, %s}"
        .formatted(
            MODELS.get(random.nextInt(MODELS.size())),
            random.nextBoolean(),
            path.contains("chat")
                ? "\"messages\": [{\"role\": \"user\", \"content\": \"" + text + "\"}]"
                : "\"prompt\": \"" + text + "\"");
  }

  /** All that comes back, but for what no two requests get alike. */
  private static String told(MoaServer server, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .header("Authorization", "Bearer " + KEY);
    if (!body.isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> reply = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    Map<String, List<String>> headers = new TreeMap<>(reply.headers().map());
    headers.remove("x-request-id");
    headers.remove("connection"); // closed where the refusal overtakes the request's end
    headers.remove("content-length"); // follows from the body, but for what is left out below
    return reply.statusCode()
        + " "
        + headers
        + joined(
            reply
                .body()
                .replaceAll("\"id\":\"(chatcmpl|cmpl)-[0-9a-f]+\"", "\"id\"")
                .replaceAll("\"created\":\\d+", "\"created\""));
  }

  /** A stream's text apart from its events: into how many it is cut is a matter of time. */
  private static String joined(String body) {
    if (!body.startsWith("data: ")) {
      return body;
    }
    StringBuilder text = new StringBuilder();
    Set<String> events = new LinkedHashSet<>();
    for (String event : body.split("\n\n", -1)) {
      Matcher said = SAID.matcher(event);
      while (said.find()) {
        text.append(said.group(1));
      }
      events.add(SAID.matcher(event).replaceAll("said"));
    }
    return events + " " + text;
  }

  /** Copies the mixture, and adds a domain that its routers find as probable as the others. */
  private static Path withSecret() {
    Path copy = folder.resolve("with");
    copyTree(ServedMixture.directory(), copy);
    MixtureDirectory mixture = MixtureDirectory.open(copy);
    MixtureState state = mixture.state();
    Path adapter = state.adapterDirectory("capitals");
    Path routers = state.routerDirectory().orElseThrow();
    LayerwiseRouter layerwise = StoredRouters.readLayerwise(routers, state.baseFingerprint());
    RidgeRouter ridge =
        (RidgeRouter) StoredRouters.read(routers, RouterKind.RIDGE, state.baseFingerprint());
    StoredRouters more =
        new StoredRouters(
            LayerwiseRouter.of(
                    withSecret(layerwise),
                    layerwise.pooling(),
                    withSecret(layerwise.layers(), layerwise.domains().size()))
                .withAbstentionThreshold(layerwise.abstentionThreshold()),
            RidgeRouter.of(
                    withSecret(ridge),
                    ridge.pooling(),
                    withSecret(ridge.layers(), ridge.domains().size()),
                    ridge.settings(),
                    ridge.temperature())
                .withTokens(withSecret(ridge.tokens().orElseThrow(), ridge.domains().size())));
    mixture.commit(
        change -> {
          change.addDomain(SECRET, target -> copyTree(adapter, target));
          change.setRouter(target -> more.write(target, state.baseFingerprint()));
        });
    return copy;
  }

  private static List<String> withSecret(Router router) {
    return Stream.concat(router.domains().stream(), Stream.of(SECRET)).toList();
  }

  /** Puts a row behind those of the domains, before further rows of what belongs to none. */
  private static List<StateClassifier> withSecret(List<StateClassifier> layers, int domains) {
    return layers.stream()
        .map(
            known -> {
              int features = known.features();
              float[] old = known.weights();
              int at = domains * features;
              float[] weights = new float[old.length + features];
              System.arraycopy(old, 0, weights, 0, at);
              System.arraycopy(old, 0, weights, at, features); // as the first domain
              System.arraycopy(old, at, weights, at + features, old.length - at);
              float[] bias = new float[known.bias().length + 1];
              System.arraycopy(known.bias(), 0, bias, 0, domains);
              bias[domains] = known.bias()[0] + 1;
              System.arraycopy(known.bias(), domains, bias, domains + 1, bias.length - domains - 1);
              return new StateClassifier(known.state(), known.width(), weights, bias);
            })
        .toList();
  }

  /** The same of tokens, [bin][row]. */
  private static TokenClassifier withSecret(TokenClassifier known, int domains) {
    int rows = known.numDomains();
    float[] old = known.weights();
    int bins = old.length / rows;
    float[] weights = new float[bins * (rows + 1)];
    for (int bin = 0; bin < bins; bin++) {
      int start = bin * (rows + 1);
      System.arraycopy(old, bin * rows, weights, start, domains);
      weights[start + domains] = old[bin * rows]; // as the first domain
      System.arraycopy(old, bin * rows + domains, weights, start + domains + 1, rows - domains);
    }
    List<Optional<GramRegression>> regressions = new ArrayList<>(known.regressions());
    regressions.add(domains, regressions.get(0));
    return TokenClassifier.of(HostTensor.of(weights, bins, rows + 1)).tellingApart(regressions);
  }

  private static void copyTree(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (!Files.isDirectory(file)) {
          Files.copy(file, target);
        } else if (!Files.exists(target)) {
          Files.createDirectories(target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
