package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.Provenance;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
  private MixtureOfLoras.Builder builder() {
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
    try (MixtureOfLoras bySequence = open();
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
    MixtureOfLoras.Builder byLayer = builder().routingMode(RoutingMode.PER_LAYER);

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
    MixtureOfLoras.Builder builder =
        builder().routingMode(RoutingMode.PER_LAYER).router(RouterKind.RIDGE);
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
      assertThat(mixture.registry().residentBytes()).isPositive();
      StringBuilder text = new StringBuilder();
      stream.forEachRemaining(text::append);

      assertThat(mixture.registry().residentBytes()).isZero();
      assertThat(text.toString()).isEqualTo(stream.result().text());
      assertThat(stream.result().generation().tokens())
          .isEqualTo(tokens(mixture, question("numbers", 100)));
    }
  }

  @Test
  void givesTheAdapterBackWhenAStreamIsClosedEarly() {
    try (MixtureOfLoras mixture = open()) {
      AnswerStream stream = mixture.stream(question("numbers", 100));
      stream.next();
      stream.close();

      assertThat(mixture.registry().residentBytes()).isZero();
      assertThat(stream.result().generation().stopReason()).isEqualTo(StopReason.CANCELLED);
    }
  }

  @Test
  void givesTheAdapterBackWhenAStreamIsCancelled() {
    try (MixtureOfLoras mixture = open()) {
      AnswerStream stream = mixture.stream(question("numbers", 100));
      stream.next();
      stream.cancel();
      Answer answer = stream.result();

      assertThat(answer.generation().stopReason()).isEqualTo(StopReason.CANCELLED);
      assertThat(answer.generation().tokens()).hasSizeLessThan(TOKENS);
      assertThat(mixture.registry().residentBytes()).isZero();
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
      assertThatThrownBy(() -> mixture.generate(List.of(question("colours", 1), tooLong)))
          .isInstanceOf(ContextLengthException.class);
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }

  @Test
  void answersABatchOfMixedDomainsAsItAnswersOneByOne() {
    try (MixtureOfLoras mixture = open()) {
      List<Question> questions = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        questions.add(question("colours", 100 + i));
        questions.add(question("numbers", 100 + i));
        questions.add(question("numbers", 200 + i).inDomain("colours"));
      }

      List<Answer> together = mixture.generate(questions);

      for (int i = 0; i < questions.size(); i++) {
        Answer alone = mixture.generate(questions.get(i));
        assertThat(together.get(i).generation().tokens()).isEqualTo(alone.generation().tokens());
        assertThat(together.get(i).decision().chosen()).isEqualTo(alone.decision().chosen());
      }
      assertThat(mixture.registry().residentBytes()).isZero();
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
    new Provenance("other-base", List.of(), Map.of(), 1, Map.of(), Map.of(), Optional.empty())
        .write(files.directory.adapterDirectory("colours"));
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
    MixtureDirectory bare =
        MixtureDirectory.create(folder.resolve("bare"), files.directory.state().baseFingerprint());
    bare.addDomain("colours", files.adapter(1));
    try (MixtureOfLoras mixture =
        MixtureOfLoras.builder(bare.directory()).base(files.base).open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours", 1)))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("has no router yet");
      assertThat(mixture.generate(question("colours", 1).inDomain("colours")).text()).isNotNull();
    }
  }
}
