package io.github.moa4j.router.stored;

import static io.github.moa4j.router.SyntheticDomains.BASE;
import static io.github.moa4j.router.SyntheticDomains.prompts;
import static io.github.moa4j.router.SyntheticDomains.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.VoteCombination;
import io.github.moa4j.router.ridge.EarlyExit;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterFilesTest {

  private static final List<String> DOMAINS = List.of("sql", "shell", "math");

  private static final int WIDE = 700;
  private static final RidgeSettings SETTINGS = RidgeSettings.defaults();

  @TempDir Path directory;

  private static RidgeRouter ridge() {
    return RidgeRouter.fit(statistics(DOMAINS, 40), new RidgeSettings(0.03, 0.25));
  }

  private static LayerwiseRouter layerwise() {
    return LayerwiseRouter.of(DOMAINS, Pooling.LAST, ridge().layers())
        .withCombination(VoteCombination.VOTE)
        .withAbstentionThreshold(0.4);
  }

  @Test
  void aRidgeRouterComesBackBitByBit() {
    RidgeRouter written = ridge();
    RouterFiles.write(written, directory, BASE);
    RidgeRouter read = (RidgeRouter) RouterFiles.read(directory, BASE);
    assertThat(read.settings()).isEqualTo(written.settings());
    assertThat(read.temperature()).isEqualTo(written.temperature());
    assertThat(read.states()).isEqualTo(written.states());
    for (PromptStates prompt : prompts("shell", 20, 3)) {
      assertThat(read.route(prompt)).isEqualTo(written.route(prompt));
    }
  }

  @Test
  void anEarlyExitComesBack() throws IOException {
    RidgeRouter written = ridge().withEarlyExit(new EarlyExit(1, 0.97));
    RouterFiles.write(written, directory, BASE);
    RidgeRouter read = (RidgeRouter) RouterFiles.read(directory, BASE);
    assertThat(read.earlyExit()).contains(new EarlyExit(1, 0.97));
    assertThat(read.early().orElseThrow().states()).isEqualTo(written.states().subList(0, 1));

    Path json = directory.resolve(RouterFiles.JSON);
    Files.writeString(json, Files.readString(json).replace("\"states\" : 1,", "\"states\" : 99,"));
    assertThatThrownBy(() -> RouterFiles.read(directory, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining(json.toString())
        .hasMessageContaining("cannot exit early after 99");
  }

  @Test
  void thresholdsOfSingleDomainsComeBackAndAreMissedByNoOlderFile() throws IOException {
    RidgeRouter written = ridge().withAbstentionThresholds(0.25, Map.of("sql", 0.75, "math", 0.5));
    RouterFiles.write(written, directory, BASE);
    RidgeRouter read = (RidgeRouter) RouterFiles.read(directory, BASE);
    assertThat(read.abstentionThresholds()).isEqualTo(Map.of("sql", 0.75, "math", 0.5));
    assertThat(read.settings().abstentionThreshold()).isEqualTo(0.25);

    RouterFiles.write(ridge(), directory, BASE);
    assertThat(json()).doesNotContain("abstention_thresholds");
    assertThat(((RidgeRouter) RouterFiles.read(directory, BASE)).abstentionThresholds()).isEmpty();

    RouterFiles.write(written, directory, BASE);
    String json = json();
    assertRefused(json.replace(": 0.75", ": 1.5"), "1.5");
    assertRefused(json.replace(": 0.75", ": \"much\""), "abstention_thresholds.sql");
  }

  @Test
  void aLayerwiseRouterComesBackBitByBit() {
    LayerwiseRouter written = layerwise();
    RouterFiles.write(written, directory, BASE);
    LayerwiseRouter read = (LayerwiseRouter) RouterFiles.read(directory, BASE);
    assertThat(read.pooling()).isEqualTo(Pooling.LAST);
    assertThat(read.combination()).isEqualTo(VoteCombination.VOTE);
    assertThat(read.abstentionThreshold()).isEqualTo(0.4);
    for (PromptStates prompt : prompts("math", 20, 3)) {
      assertThat(read.route(prompt)).isEqualTo(written.route(prompt));
    }
  }

  @Test
  void aRouterOfWideStatesKeepsWeightsOfTheirFeaturesAndComesBack() {
    RidgeRouter written = RidgeRouter.fit(List.of(wide("sql"), wide("math")), SETTINGS);
    RouterFiles.write(written, directory, BASE);
    RidgeRouter read = (RidgeRouter) RouterFiles.read(directory, BASE);
    assertThat(read.layers().get(0).width()).isEqualTo(WIDE);
    assertThat(read.layers().get(0).features()).isEqualTo(512);
    for (PromptStates prompt : widePrompts("math", 2)) {
      assertThat(read.route(prompt)).isEqualTo(written.route(prompt));
      assertThat(read.route(prompt).mostProbable()).isEqualTo("math");
    }
  }

  @Test
  void aRouterThatWeighsEveryValueOfWideStatesIsReadAsItIs() {
    RidgeRouter made = RidgeRouter.fit(List.of(wide("sql"), wide("math")), SETTINGS);
    StateClassifier folded = made.layers().get(0);
    StateClassifier whole = new StateClassifier(0, WIDE, folded.weightsOfValues(), folded.bias());
    Router old =
        RidgeRouter.of(made.domains(), Pooling.MEAN, List.of(whole), SETTINGS, made.temperature());
    RouterFiles.write(old, directory, BASE);
    RidgeRouter read = (RidgeRouter) RouterFiles.read(directory, BASE);
    assertThat(read.layers().get(0).features()).isEqualTo(WIDE);
    for (PromptStates prompt : widePrompts("sql", 2)) {
      assertThat(read.route(prompt)).isEqualTo(old.route(prompt));
      assertThat(read.route(prompt).confidence())
          .isCloseTo(made.route(prompt).confidence(), within(1e-5));
    }
  }

  private static DomainStatistics wide(String domain) {
    DomainStatistics statistics = DomainStatistics.empty(domain, Pooling.MEAN, List.of(0), WIDE);
    statistics.add(widePrompts(domain, 1));
    return statistics;
  }

  private static List<PromptStates> widePrompts(String domain, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PromptStates> prompts = new ArrayList<>();
    for (int n = 0; n < 24; n++) {
      SplittableRandom centre = new SplittableRandom(domain.hashCode());
      float[][] states = new float[1][WIDE];
      for (int j = 0; j < WIDE; j++) {
        states[0][j] = (float) (centre.nextGaussian() + random.nextGaussian());
      }
      prompts.add(new PromptStates(states, states));
    }
    return prompts;
  }

  @Test
  void theSameRouterGivesTheSameBytes() throws IOException {
    RouterFiles.write(ridge(), directory.resolve("a"), BASE);
    RouterFiles.write(ridge(), directory.resolve("b"), BASE);
    for (String name : List.of("router.json", "router.safetensors")) {
      assertThat(directory.resolve("a").resolve(name))
          .hasSameBinaryContentAs(directory.resolve("b").resolve(name));
    }
  }

  @Test
  void refusesARouterOfAnotherBase() {
    RouterFiles.write(ridge(), directory, BASE);
    assertThatThrownBy(() -> RouterFiles.read(directory, "other"))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.json")
        .hasMessageContaining("another base")
        .hasMessageContaining(BASE);
  }

  @Test
  void namesAMissingRouter() {
    assertThatThrownBy(() -> RouterFiles.read(directory.resolve("none"), BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.json");
  }

  @Test
  void refusesATruncatedRouter() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    Path tensors = directory.resolve("router.safetensors");
    byte[] whole = Files.readAllBytes(tensors);
    for (int length : new int[] {0, 7, 40, whole.length / 2, whole.length - 1}) {
      Files.write(tensors, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> RouterFiles.read(directory, BASE))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("router.safetensors");
    }
  }

  @Test
  void refusesMalformedJson() throws IOException {
    assertRefused("{ \"kind\": ", "not valid JSON");
    assertRefused("[]", "does not hold a JSON object");
  }

  @Test
  void refusesAnotherFormatVersion() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    assertRefused(
        json().replace("\"format_version\" : 1", "\"format_version\" : 2"), "format_version is 2");
  }

  @Test
  void refusesAnUnknownKind() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    assertRefused(
        json().replace("\"ridge\"", "\"oracle\""),
        "kind is \"oracle\", but must be 'ridge' or 'layerwise'");
  }

  @Test
  void refusesAMissingKey() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    assertRefused(
        json().replace("\"temperature\"", "\"warmth\""),
        "temperature is missing; it must be a number");
  }

  @Test
  void refusesTensorsThatDoNotFitTheDomains() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    Files.writeString(
        directory.resolve("router.json"), json().replace("\"math\"", "\"math\", \"cron\""));
    assertThatThrownBy(() -> RouterFiles.read(directory, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.safetensors")
        .hasMessageContaining("[4, 12]");
  }

  @Test
  void refusesTensorsOfAnotherTypeNamingTheFile() {
    RouterFiles.write(ridge(), directory, BASE);
    Path file = directory.resolve("router.safetensors");
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile written = SafetensorsFile.open(file)) {
      for (String name : written.names()) {
        HostTensor tensor = written.tensor(name);
        tensors.put(name, HostTensor.of(new long[tensor.size()], tensor.shape()));
      }
    }
    SafetensorsWriter.write(file, tensors, Map.of());
    assertThatThrownBy(() -> RouterFiles.read(directory, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.safetensors")
        .hasMessageContaining("is I64 [3, 12], expected F32");
  }

  @Test
  void aLayerwiseRouterSaysWhatItWasTrainedFor() throws IOException {
    RouterFiles.write(layerwise().withTrainedFor(RoutingMode.PER_LAYER), directory, BASE);
    assertThat(((LayerwiseRouter) RouterFiles.read(directory, BASE)).trainedFor())
        .isEqualTo(RoutingMode.PER_LAYER);
    String older = json().replaceAll("(?m)^.*trained_for.*\\R", "");
    Files.writeString(directory.resolve("router.json"), older);
    assertThat(((LayerwiseRouter) RouterFiles.read(directory, BASE)).trainedFor())
        .isEqualTo(RoutingMode.SEQUENCE);
    assertRefused(json().replace("\"layerwise\",", "\"layerwise\", \"trained_for\": 3,"), "string");
  }

  @Test
  void refusesAnUnknownPoolingNamingTheFile() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    assertRefused(json().replace("\"mean\"", "\"max\""), "'max'");
  }

  @Test
  void refusesWeightsThatAreNotNumbers() throws IOException {
    RouterFiles.write(ridge(), directory, BASE);
    Path tensors = directory.resolve("router.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(tensors)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(bytes.limit() - 4, Float.NaN); // the last bias
    Files.write(tensors, bytes.array());
    assertThatThrownBy(() -> RouterFiles.read(directory, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.safetensors")
        .hasMessageContaining("NaN");
  }

  @Test
  void refusesARouterItCannotStore() {
    Router fixed =
        new Router() {
          @Override
          public List<String> domains() {
            return List.of("sql");
          }

          @Override
          public List<Integer> states() {
            return List.of(0);
          }

          @Override
          public RoutingDecision route(PromptStates states) {
            return RoutingDecision.explicit("sql");
          }
        };
    assertThatThrownBy(() -> RouterFiles.write(fixed, directory, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("cannot be stored");
  }

  private String json() throws IOException {
    return Files.readString(directory.resolve("router.json"));
  }

  private void assertRefused(String json, String problem) throws IOException {
    Files.writeString(directory.resolve("router.json"), json);
    assertThatThrownBy(() -> RouterFiles.read(directory, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.json")
        .hasMessageContaining(problem);
  }
}
