package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.Provenance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MixtureOfLorasTest {

  private static final int TOKENS = 12;

  @TempDir private Path folder;
  private TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
  }

  private MixtureOfLoras open() {
    return builder().open();
  }

  /** No adapter stays in memory that no request uses, so that open leases show. */
  private MixtureBuilder builder() {
    return MixtureOfLoras.builder(files.directory.directory()).adapterMemoryBudget(0);
  }

  private static Question question(String domain, int seed) {
    return Question.of(TestMixture.prompt(domain, seed)).with(GenerationOptions.greedy(TOKENS));
  }

  private static int[] tokens(MixtureOfLoras mixture, Question question) {
    return mixture.generate(question).generation().tokens();
  }

  @Test
  void answersWithTheDomainThatTheCallerNames() {
    try (MixtureOfLoras mixture = open()) {
      Question question = question("colours", 100);

      Answer answer = mixture.generate(question.inDomain("numbers"));

      assertThat(answer.decision().chosen()).contains("numbers");
      assertThat(answer.decision().confidence()).isEqualTo(1);
      assertThat(answer.generation().tokens())
          .isNotEqualTo(tokens(mixture, question.inDomain("colours")));
    }
  }

  @Test
  void namesTheKnownDomainsWhenAskedForAnUnknownOne() {
    try (MixtureOfLoras mixture = open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours", 1).inDomain("colour")))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("There is no domain 'colour'; did you mean 'colours'?")
          .hasMessageContaining("colours, numbers");
      assertThatThrownBy(() -> mixture.route(question("colours", 1).inDomain("colour")))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("did you mean 'colours'?");
    }
  }

  @ParameterizedTest
  @EnumSource(RouterKind.class)
  void routesEachQuestionToItsDomain(RouterKind kind) {
    try (MixtureOfLoras mixture = builder().router(kind).open()) {
      for (String domain : List.of("colours", "numbers")) {
        for (int seed = 100; seed < 105; seed++) {
          Question question = question(domain, seed);
          Answer answer = mixture.generate(question);

          assertThat(answer.decision().chosen()).contains(domain);
          assertThat(answer.decision()).isEqualTo(mixture.route(question));
          assertThat(answer.generation().tokens())
              .isEqualTo(tokens(mixture, question.inDomain(domain)));
        }
      }
    }
  }

  @Test
  void everyLayerFollowsItsOwnRouter() {
    try (MixtureOfLoras bySequence = builder().router(RouterKind.LAYERWISE).open();
        MixtureOfLoras byLayer = builder().routingMode(RoutingMode.PER_LAYER).open()) {
      int layers = byLayer.base().config().numHiddenLayers();
      for (String domain : List.of("colours", "numbers")) {
        Question question = question(domain, 100);
        Answer answer = byLayer.generate(question);

        List<StateVote> votes = answer.decision().votes();
        assertThat(votes).hasSize(layers);
        assertThat(answer.decision()).isEqualTo(byLayer.route(question));
        // No layer lies below the first one, so it sees what it sees in the base's own pass.
        Map<String, Double> first = bySequence.route(question).votes().get(0).probabilities();
        first.forEach(
            (name, probability) ->
                assertThat(votes.get(0).probabilities().get(name))
                    .isCloseTo(probability, within(1e-4)));
        assertThat(byLayer.registry().residentBytes()).isZero();
        assertThat(tokens(byLayer, question.inDomain(domain)))
            .isEqualTo(tokens(bySequence, question.inDomain(domain)));
      }
    }
  }

  @Test
  void refusesToFollowEveryLayerWhereTheRouterHasNotLearntTo() {
    files.directory.commit(
        change -> change.setRouter(files.router(RoutingMode.SEQUENCE, "colours", "numbers")));
    MixtureBuilder byLayer = builder().routingMode(RoutingMode.PER_LAYER);

    assertThatThrownBy(byLayer::open)
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("has learnt the states of the base's own pass only");
    open().close();
  }

  @Test
  void mixesTheMostProbableAdapters() {
    Question question = question("colours", 100);
    try (MixtureOfLoras one = open();
        MixtureOfLoras two = builder().mixedAdapters(2).open()) {
      RoutingDecision decision = two.route(question);
      Answer answer = two.generate(question);

      assertThat(answer.decision()).isEqualTo(decision);
      assertThat(decision).isEqualTo(one.route(question));
      assertThat(tokens(two, question.inDomain("numbers")))
          .isEqualTo(tokens(one, question.inDomain("numbers")));
      assertThat(two.registry().residentBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(RouterKind.class)
  void routesOnTheFirstStatesAlone(RouterKind kind) {
    Question question = question("numbers", 100);
    try (MixtureOfLoras whole = builder().router(kind).open();
        MixtureOfLoras early = builder().router(kind).routingStates(2).open()) {
      RoutingDecision decision = early.route(question);

      assertThat(decision.votes()).isEqualTo(whole.route(question).votes().subList(0, 2));
      assertThat(early.generate(question).decision()).isEqualTo(decision);
    }
  }

  @Test
  void refusesRoutingModesThatDoNotGoTogether() {
    MixtureBuilder builder = builder().routingMode(RoutingMode.PER_LAYER).router(RouterKind.RIDGE);
    assertThatThrownBy(builder::open).hasMessageContaining("layer-wise router");
  }

  @Test
  void letsTheBaseAnswerBelowTheThreshold() {
    Question question = question("colours", 100);
    int[] expected = baseTokens(question);
    try (MixtureOfLoras mixture =
        builder().router(RouterKind.RIDGE).abstentionThreshold(1).open()) {
      Answer answer = mixture.generate(question);

      assertThat(answer.decision().chosen()).isEmpty();
      assertThat(answer.decision().mostProbable()).isEqualTo("colours");
      assertThat(answer.generation().tokens()).isEqualTo(expected);
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  /** What the base says without an adapter: that of a mixture whose domain is gone. */
  private int[] baseTokens(Question question) {
    try (MixtureOfLoras mixture = open()) {
      mixture.registry().remove("colours");
      return tokens(mixture, question);
    }
  }

  @Test
  void refusesAThresholdThatIsNoProbability() {
    assertThatThrownBy(() -> builder().abstentionThreshold(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
  }

  @Test
  void streamsTheAnswerAndGivesTheAdapterBackAtItsEnd() {
    try (MixtureOfLoras mixture = open();
        AnswerStream stream = mixture.stream(question("numbers", 100))) {
      assertThat(stream.decision().chosen()).contains("numbers");
      StringBuilder text = new StringBuilder();
      stream.forEachRemaining(text::append);

      assertThat(mixture.registry().residentBytes()).isZero();
      assertThat(text.toString()).isEqualTo(stream.result().text());
      assertThat(stream.result().generation().tokens())
          .isEqualTo(tokens(mixture, question("numbers", 100)));
    }
  }

  @Test
  void givesTheAdapterBackWhenAStreamIsClosedOrCancelledEarly(@TempDir Path other) {
    Path directory = TestMixture.in(other, TestMixture.LONG_CONTEXT).directory.directory();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(directory).adapterMemoryBudget(0).open()) {
      Question question = TestMixture.withoutEnd(mixture);
      for (boolean closed : new boolean[] {true, false}) {
        AnswerStream stream = mixture.stream(question);
        stream.next();
        assertThat(mixture.registry().residentBytes()).isPositive();
        if (closed) {
          stream.close();
          assertThat(mixture.registry().residentBytes()).isZero();
        } else {
          stream.cancel();
        }
        Answer answer = stream.result();

        assertThat(answer.generation().stopReason()).isEqualTo(StopReason.CANCELLED);
        assertThat(answer.generation().tokens()).hasSizeLessThan(question.options().maxNewTokens());
        assertThat(mixture.registry().residentBytes()).isZero();
      }
    }
  }

  @Test
  void refusesAPromptLongerThanTheContextAndGivesEverythingBack() {
    Question tooLong = Question.of("red ".repeat(TestMixture.CONTEXT + 1));
    try (MixtureOfLoras mixture = open()) {
      for (Question question : List.of(tooLong, tooLong.inDomain("colours"))) {
        assertThatThrownBy(() -> mixture.generate(question))
            .isInstanceOf(ContextLengthException.class)
            .hasMessageContaining("context of " + TestMixture.CONTEXT);
      }
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  @Test
  void keepsToTheContextThatItIsGiven() {
    try (MixtureOfLoras mixture = builder().contextLength(20).open()) {
      Answer answer =
          mixture.generate(
              Question.of("red").with(GenerationOptions.greedy(50)).inDomain("colours"));
      assertThat(answer.generation().stopReason()).isEqualTo(StopReason.CONTEXT_FULL);
      assertThat(answer.generation().promptTokens() + answer.generation().tokens().length)
          .isEqualTo(20);
      assertThatThrownBy(() -> mixture.generate(Question.of("red green ".repeat(20))))
          .isInstanceOf(ContextLengthException.class)
          .hasMessageContaining("context of 20");
    }
    assertThatThrownBy(() -> builder().contextLength(1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Timeout(60) // to tokenise these takes minutes
  void refusesAMonstrousPromptBeforeItIsTokenised() {
    List<String> texts =
        List.of(
            "red green ".repeat(1_000_000), "<|im_end|>".repeat(1_000_000), "紅".repeat(5_000_000));
    try (MixtureOfLoras mixture = open()) {
      for (String text : texts) {
        assertThatThrownBy(() -> mixture.generate(Question.of(text)))
            .isInstanceOf(ContextLengthException.class)
            .hasMessageContaining("context of " + TestMixture.CONTEXT);
      }
    }
  }

  @Test
  void runningAnswerKeepsTheAdapterItStartedWith() {
    try (MixtureOfLoras mixture = open()) {
      Question question = question("colours", 100);
      int[] before = tokens(mixture, question);
      try (AnswerStream stream = mixture.stream(question)) {
        stream.next();
        files.directory.replaceDomain("colours", files.adapter(3));
        mixture.refresh();
        int[] after = tokens(mixture, question);

        assertThat(mixture.registry().version("colours")).isEqualTo(2);
        assertThat(after).isNotEqualTo(before);
        assertThat(stream.result().generation().tokens()).isEqualTo(before);
      }
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  @Test
  void picksUpWhatAnotherWriterCommitted() {
    try (MixtureOfLoras mixture = open()) {
      MixtureDirectory writer = MixtureDirectory.open(files.directory.directory());
      writer.addDomain("shapes", files.adapter(4));
      Question question = question("colours", 100).inDomain("shapes");
      assertThatThrownBy(() -> mixture.generate(question)).isInstanceOf(AdapterException.class);

      mixture.refresh();

      assertThat(mixture.generate(question).decision().chosen()).contains("shapes");
    }
  }

  @Test
  void reloadsTheRouterThoughOneAdapterCannotBeUsed() {
    Path otherBase = TestMixture.writeBase(folder.resolve("other"), TestMixture.HIDDEN / 2);
    try (MixtureOfLoras mixture = open()) {
      Question question = question("colours", 100).inDomain("colours");
      int[] before = tokens(mixture, question);
      files.directory.commit(
          change -> {
            change.replaceDomain("colours", TestMixture.adapterOf(otherBase, 5));
            change.setRouter(files.router("numbers"));
          });

      assertThatThrownBy(mixture::refresh)
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("colours");

      assertThat(mixture.route(question("numbers", 100)).probabilities())
          .containsOnlyKeys("numbers");
      assertThat(tokens(mixture, question)).isEqualTo(before);
    }
  }

  @Test
  void opensThoughOneAdapterIsOfAnotherBaseAndRefusesItsQuestionsOnly() {
    breakAdapter("colours");
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (MixtureOfLoras mixture = open()) {
      System.setErr(err);
      assertThat(log.toString(StandardCharsets.UTF_8))
          .contains("WARN", "'colours' was trained on the base other-base");
      for (Question question :
          List.of(question("colours", 100), question("numbers", 100).inDomain("colours"))) {
        assertThatThrownBy(() -> mixture.generate(question))
            .isInstanceOf(AdapterException.class)
            .hasMessageContaining("'colours' was trained on the base other-base");
      }
      assertThat(mixture.route(question("colours", 100)).chosen()).contains("colours");
      assertThat(mixture.generate(question("numbers", 100)).decision().chosen())
          .contains("numbers");

      files.directory.replaceDomain("colours", files.adapter(3));
      mixture.refresh();

      assertThat(mixture.generate(question("colours", 100)).decision().chosen())
          .contains("colours");
    } finally {
      System.setErr(err);
    }
  }

  @Test
  void aBrokenAdapterTakesNoPartWhereEveryLayerChooses() {
    breakAdapter("colours");
    try (MixtureOfLoras mixture = builder().routingMode(RoutingMode.PER_LAYER).open()) {
      Answer answer = mixture.generate(question("numbers", 100));

      assertThat(answer.decision().chosen()).contains("numbers");
      assertThat(answer.adapters()).containsExactly(Map.entry("numbers", 1.0));
      assertThatThrownBy(() -> mixture.generate(question("colours", 100)))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("'colours' was trained on the base other-base");
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  @Test
  void anAdapterOfTheHeadTakesNoPartWhereEveryLayerChooses() {
    files.directory.replaceDomain("colours", files.adapterOfTheHead());
    try (MixtureOfLoras bySequence = open();
        MixtureOfLoras byLayer = builder().routingMode(RoutingMode.PER_LAYER).open()) {
      assertThat(bySequence.generate(question("colours", 100)).adapters())
          .containsOnlyKeys("colours");
      assertThat(byLayer.generate(question("numbers", 100)).adapters()).containsOnlyKeys("numbers");
      assertThatThrownBy(() -> byLayer.generate(question("colours", 100)))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("the embedding or the head");
      assertThat(byLayer.registry().residentBytes()).isZero();
    }
  }

  @Test
  void theBaseAnswersARemovedDomainsQuestionsWhereEveryLayerChooses() {
    try (MixtureOfLoras mixture = builder().routingMode(RoutingMode.PER_LAYER).open()) {
      files.directory.removeDomain("colours");
      mixture.refresh();

      Answer answer = mixture.generate(question("colours", 100));
      assertThat(answer.decision().chosen()).isEmpty();
      assertThat(answer.adapters()).isEmpty();
      assertThat(mixture.generate(question("numbers", 100)).adapters()).containsOnlyKeys("numbers");
    }
  }

  @Test
  void aBrokenAdapterMakesRoomForTheNextWhereSeveralAreMixed() {
    files.directory.addDomain("shapes", files.adapter(4));
    breakAdapter("numbers");
    Router router = fixed(Map.of("colours", 0.5, "numbers", 0.3, "shapes", 0.2));
    try (MixtureOfLoras mixture = builder().router(router).mixedAdapters(2).open()) {
      Answer answer = mixture.generate(question("colours", 100));

      assertThat(answer.decision().probabilities()).containsEntry("numbers", 0.3);
      assertThat(answer.adapters()).containsOnlyKeys("colours", "shapes");
      assertThat(answer.adapters().get("colours")).isCloseTo(5 / 7.0, within(1e-6));
      assertThat(answer.adapters().get("shapes")).isCloseTo(2 / 7.0, within(1e-6));
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  @Test
  void aBrokenAdapterThatWasChosenIsToldThoughOthersAreMixedIn() {
    breakAdapter("numbers");
    Router router = fixed(Map.of("colours", 0.3, "numbers", 0.7));
    try (MixtureOfLoras mixture = builder().router(router).mixedAdapters(2).open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours", 100)))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("'numbers'");
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  private void breakAdapter(String domain) {
    new Provenance("other-base", List.of(), Map.of(), 1, Map.of(), Map.of(), Optional.empty())
        .write(files.directory.adapterDirectory(domain));
  }

  private static Router fixed(Map<String, Double> probabilities) {
    return new Router() {
      @Override
      public List<String> domains() {
        return List.copyOf(probabilities.keySet());
      }

      @Override
      public List<Integer> states() {
        return List.of(0);
      }

      @Override
      public RoutingDecision route(PromptStates states) {
        return RoutingDecision.of(probabilities, List.of(), 0);
      }
    };
  }

  @Test
  void keepsWhatItServesWhereTheMixtureOnDiskIsDamaged() throws IOException {
    try (MixtureOfLoras mixture = open()) {
      Question question = question("colours", 100);
      Answer before = mixture.generate(question);
      Path manifest = files.directory.directory().resolve("moa.json");
      String whole = Files.readString(manifest);
      Files.writeString(manifest, whole.substring(0, whole.length() / 2));
      assertThatThrownBy(mixture::refresh).isInstanceOf(MixtureException.class);
      assertThat(tokens(mixture, question)).isEqualTo(before.generation().tokens());

      Files.writeString(manifest, whole);
      Path router = files.directory.state().routerDirectory().orElseThrow();
      Files.writeString(router.resolve("ridge/router.json"), "{}");
      assertThatThrownBy(mixture::refresh)
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("router.json");
      assertThat(mixture.route(question)).isEqualTo(before.decision());
      assertThat(tokens(mixture, question)).isEqualTo(before.generation().tokens());
    }
  }

  @Test
  void tellsOfADamagedRouterBesideABrokenAdapter() throws IOException {
    try (MixtureOfLoras mixture = open()) {
      RoutingDecision before = mixture.route(question("colours", 100));
      files.directory.commit(
          change -> {
            change.replaceDomain("colours", files.adapter(5));
            change.setRouter(files.router("numbers"));
          });
      breakAdapter("colours");
      Path router = files.directory.state().routerDirectory().orElseThrow();
      Files.delete(router.resolve("ridge/router.safetensors"));

      assertThatThrownBy(mixture::refresh)
          .isInstanceOf(AdapterException.class)
          .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("router"));
      assertThat(mixture.route(question("colours", 100))).isEqualTo(before);
    }
  }

  @Test
  void doesNotOpenWithoutTheRouterThatIsDamagedBesideABrokenAdapter() throws IOException {
    breakAdapter("colours");
    Path router = files.directory.state().routerDirectory().orElseThrow();
    Files.writeString(router.resolve("ridge/router.json"), "{}");

    assertThatThrownBy(this::open)
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.json");
  }

  @Test
  void refusesSettingsThatMeanNothing() {
    assertThatThrownBy(() -> builder().mixedAdapters(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> builder().routingStates(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> builder().batchTokens(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> builder().base(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("base");
    assertThatThrownBy(() -> builder().routingStates(4).open())
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("between 1 and 3");
    assertThatThrownBy(() -> builder().base(folder.resolve("nowhere")).open())
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void refusesABudgetBelowZero() {
    assertThatThrownBy(() -> builder().adapterMemoryBudget(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void letsTheBaseAnswerWhatTheRouterGivesToARemovedDomain() {
    try (MixtureOfLoras mixture = open()) {
      files.directory.removeDomain("colours");
      mixture.refresh();

      Answer answer = mixture.generate(question("colours", 100));

      assertThat(answer.decision().chosen()).isEmpty();
      assertThat(answer.decision().mostProbable()).isEqualTo("colours");
      assertThat(mixture.route(question("colours", 100)).chosen()).isEmpty();
      assertThat(mixture.generate(question("numbers", 100)).decision().chosen())
          .contains("numbers");
    }
  }

  @Test
  void refusesAnotherBase() {
    Path otherBase = TestMixture.writeBase(folder.resolve("other"), TestMixture.HIDDEN * 2);

    assertThatThrownBy(() -> builder().base(otherBase).open())
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("belongs to the base with fingerprint");
  }

  @Test
  void asksForADomainWhereThereIsNoRouter() {
    Path bare = files.withoutRouter(folder.resolve("bare")).directory();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(bare).base(files.base).open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours", 1)))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("has no router yet");
      assertThat(mixture.generate(question("colours", 1).inDomain("colours")).text()).isNotNull();
    }
  }
}
