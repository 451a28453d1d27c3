package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.access.Caller;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two mixtures that differ only in a domain that a caller does not see are one to that caller,
 * whatever it asks and however they route.
 */
final class ForbiddenDomainTest {

  private static final int QUESTIONS = 15; // of each way of routing
  private static final List<String> WORDS =
      List.of("red", "green", "one", "two", "seven", "rose", "poems", "what", "?", "\n", "");
  private static final List<String> NAMES =
      List.of("colours", "numbers", "poems", "poem", "colour", "auto", "", "a b");
  private static final List<Set<String>> SEEN =
      List.of(
          Set.of("colours", "numbers"),
          Set.of("colours"),
          Set.of("numbers", "nothing"),
          Set.of("nothing"),
          Set.of());

  @TempDir static Path folder;
  private static TestMixture without;
  private static Path with;

  @BeforeAll
  static void write() {
    without = TestMixture.in(folder);
    with = MixtureWithSecret.in(folder.resolve("with"), without).directory();
  }

  private static MixtureOfLoras open(Path mixture, String way) {
    MixtureBuilder builder = MixtureOfLoras.builder(mixture).prefixMemoryBudget(1 << 20);
    return switch (way) {
      case "ridge" -> builder.router(RouterKind.RIDGE).open();
      case "mixed" -> builder.mixedAdapters(2).open();
      case "first states" -> builder.routingStates(2).open();
      case "abstaining" -> builder.abstentionThreshold(0.9).open();
      case "per layer" -> builder.routingMode(RoutingMode.PER_LAYER).open();
      default -> builder.router(RouterKind.LAYERWISE).open();
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"layerwise", "ridge", "mixed", "first states", "abstaining", "per layer"})
  void cannotBeToldFromItsAbsence(String way) {
    Random random = new Random(way.hashCode());
    try (MixtureOfLoras one = open(without.directory.directory(), way);
        MixtureOfLoras other = open(with, way)) {
      Question unrestricted = Question.of("red green").with(GenerationOptions.greedy(2));
      assertThat(told(other, unrestricted)).isNotEqualTo(told(one, unrestricted));
      for (int i = 0; i < QUESTIONS; i++) {
        Question question = question(random);
        assertThat(told(other, question)).as("%s", question).isEqualTo(told(one, question));
      }
    }
  }

  private static Question question(Random random) {
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = random.nextInt(6) == 0 ? 1 + random.nextInt(3) : 1; i > 0; i--) {
      messages.add(ChatMessage.user(text(random)));
      if (i > 1) {
        messages.add(ChatMessage.assistant("red"));
      }
    }
    Question question =
        Question.of(Conversation.of(messages.toArray(ChatMessage[]::new)))
            .with(GenerationOptions.greedy(1 + random.nextInt(4)))
            .as(Caller.named("anna").seeing(SEEN.get(random.nextInt(SEEN.size()))));
    List<UnaryOperator<Question>> more =
        List.of(
            asked -> asked,
            asked -> asked,
            asked -> asked.inDomain(NAMES.get(random.nextInt(NAMES.size()))),
            asked -> asked.among(Set.of("colours", "poems")));
    return more.get(random.nextInt(more.size())).apply(question);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(9); i > 0; i--) {
      text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
    }
    return text.toString();
  }

  /** All that a caller gets back, but how long it took. */
  private static String told(MixtureOfLoras mixture, Question question) {
    try {
      RoutingDecision decision = mixture.route(question);
      Answer answer = mixture.generate(question);
      try (AnswerStream stream = mixture.stream(question)) {
        assertThat(stream.decision()).isEqualTo(answer.decision());
        assertThat(stream.result().text()).isEqualTo(answer.text());
      }
      return String.join(
          "; ",
          decision.toString(),
          answer.decision().toString(),
          answer.text(),
          answer.adapters().toString(),
          answer.versions().toString(),
          answer.generation().promptTokens() + " " + answer.generation().reusedTokens());
    } catch (MoaException e) {
      return e.toString();
    }
  }

  @Test
  void namingItIsTheErrorOfAnyOtherWord() {
    try (MixtureOfLoras mixture = open(with, "layerwise")) {
      Question question = Question.of("red").as(Caller.named("anna").seeing(Set.of("colours")));
      assertThatThrownBy(() -> mixture.generate(question.inDomain("poems")))
          .isInstanceOf(AdapterException.class)
          .hasMessage("There is no domain 'poems'. Known domains: colours.");
      assertThatThrownBy(() -> mixture.route(question.inDomain("woods")))
          .isInstanceOf(AdapterException.class)
          .hasMessage("There is no domain 'woods'. Known domains: colours.");
      assertThat(mixture.route(Question.of("red").inDomain("poems").as(Caller.named("root"))))
          .isEqualTo(RoutingDecision.explicit("poems"));
    }
  }

  @Test
  void aMixtureWithoutRouterIsLikeOneWhoseRouterKnowsNothingVisible() {
    Path bare = without.withoutRouter(folder.resolve("bare")).directory();
    Question question = Question.of("red").as(Caller.named("anna").seeing(Set.of("nothing")));
    try (MixtureOfLoras one = MixtureOfLoras.builder(bare).base(without.base).open();
        MixtureOfLoras other = open(with, "layerwise")) {
      assertThat(told(one, question)).isEqualTo(told(other, question)).contains("NO_DOMAIN");
    }
  }

  @Test
  void nobodyWidensWhatItSeesByNamingMore() {
    Question question = Question.of("red").as(Caller.named("anna").seeing(Set.of("colours")));
    assertThat(question.among(Set.of("colours", "poems")).visible()).contains(Set.of("colours"));
    assertThat(question.among(Set.of("poems")).visible()).contains(Set.of());
    assertThat(question.visible()).contains(Set.of("colours"));
    assertThat(Question.of("red").visible()).isEmpty();
  }
}
