package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.router.ridge.EarlyExit;
import io.github.moa4j.router.ridge.RidgeRouter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mixture whose router decides by its first states what these are sure of. */
final class EarlyExitTest {

  private static final int STATES = 3;

  @TempDir private Path folder;
  private TestMixture files;
  private RidgeRouter whole;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
    whole = files.ridge("colours", "numbers");
  }

  private MixtureBuilder builder(double confidence) {
    return builder(2, confidence);
  }

  private MixtureBuilder builder(int first, double confidence) {
    return MixtureOfLoras.builder(files.directory.directory())
        .router(whole.withEarlyExit(new EarlyExit(first, confidence)));
  }

  private MixtureOfLoras withoutExit() {
    return MixtureOfLoras.builder(files.directory.directory()).router(whole).open();
  }

  private static List<Question> questions() {
    return IntStream.range(0, 6)
        .mapToObj(i -> TestMixture.prompt(i % 2 == 0 ? "colours" : "numbers", 100 + i))
        .map(text -> Question.of(text).with(GenerationOptions.greedy(4)))
        .toList();
  }

  /** The first state is what enters the first layer: none runs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatTheFirstStatesAreSureOfIsDecidedByThem(int first) {
    List<Integer> states = List.of(0, 1).subList(0, first);
    try (MixtureOfLoras mixture = builder(first, 0.5).open();
        MixtureOfLoras without = withoutExit()) {
      for (Question question : questions()) {
        RoutingDecision decision = mixture.route(question);
        Answer answer = mixture.generate(question);
        Answer expected = without.generate(question);

        assertThat(decision.statesRead()).isEqualTo(states);
        assertThat(decision.votes()).isEqualTo(expected.decision().votes().subList(0, first));
        assertThat(answer.decision()).isEqualTo(decision);
        assertThat(answer.decision().chosen()).isEqualTo(expected.decision().chosen());
        assertThat(answer.generation().tokens()).isEqualTo(expected.generation().tokens());
      }
    }
  }

  @Test
  void allStatesDecideWhatTheFirstAreUnsureOf() {
    try (MixtureOfLoras mixture = builder(1).open();
        MixtureOfLoras without = withoutExit()) {
      List<Outcome> together = mixture.generate(questions());
      for (int i = 0; i < together.size(); i++) {
        Answer expected = without.generate(questions().get(i));
        Answer answer = together.get(i).orThrow();

        assertThat(mixture.route(questions().get(i))).isEqualTo(expected.decision());
        assertThat(answer.decision()).isEqualTo(expected.decision());
        assertThat(answer.generation().tokens()).isEqualTo(expected.generation().tokens());
      }
    }
  }

  @Test
  void theUsersThresholdHoldsForEarlyDecisionsToo() {
    try (MixtureOfLoras mixture = builder(0.5).abstentionThreshold(1).open()) {
      RoutingDecision decision = mixture.route(questions().get(0));
      assertThat(decision.chosen()).isEmpty();
      assertThat(decision.statesRead()).hasSize(STATES);
    }
  }

  @Test
  void whoAsksForStatesGetsThem() {
    try (MixtureOfLoras mixture = builder(0.5).routingStates(STATES).open()) {
      assertThat(mixture.route(questions().get(0)).statesRead()).hasSize(STATES);
    }
  }

  /** A pass over all layers is not thrown away where it serves the answer, nor the decision. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void thePassThatServesTheAnswerRunsOn(int states) {
    LoraAdapter adapter = PeftFormat.read(files.directory.adapterDirectory("colours"));
    try (MixtureOfLoras mixture = builder(states, 0.5).open()) {
      int[] prompt = mixture.prompts().encode(questions().get(0).conversation());
      LoraConfig activated =
          adapter.config().withAloraInvocationTokens(List.of(prompt[prompt.length - 1]));
      files.directory.replaceDomain(
          "colours", at -> PeftFormat.write(LoraAdapter.of(activated, adapter.tensors()), at));
      mixture.refresh();

      Answer first = mixture.generate(questions().get(0));
      Answer second = mixture.generate(questions().get(2));

      assertThat(List.of(first, second))
          .allMatch(answer -> answer.decision().statesRead().size() == states)
          .allMatch(answer -> answer.decision().chosen().equals(Optional.of("colours")));
      assertThat(first.generation().reusedTokens()).isZero();
      assertThat(second.generation().reusedTokens()).isPositive();
    }
  }
}
