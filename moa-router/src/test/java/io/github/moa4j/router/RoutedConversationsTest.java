package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a mixture's router makes of conversations, of prompts as they come, and of restrictions. */
final class RoutedConversationsTest extends MixtureTest {

  /** A conversation of a user's messages, each answered. */
  private static Question conversation(String... asked) {
    List<ChatMessage> messages = new ArrayList<>();
    for (String message : asked) {
      messages.add(ChatMessage.user(message));
      messages.add(ChatMessage.assistant("so"));
    }
    return Question.of(Conversation.of(messages.subList(0, messages.size() - 1)))
        .with(GenerationOptions.greedy(2));
  }

  private static String colours(int seed) {
    return TestMixture.prompt("colours", 100 + seed);
  }

  private static String numbers(int seed) {
    return TestMixture.prompt("numbers", 100 + seed);
  }

  @Test
  void aConversationStaysInItsDomainUntilAMessageIsSurelyOfAnother() {
    try (MixtureOfLoras mixture = open()) {
      assertThat(mixture.route(conversation(colours(1), "?!")).abstention())
          .contains(Abstention.BLANK);
      assertThat(mixture.route(conversation(colours(1), colours(2))).chosen()).contains("colours");
      assertThat(mixture.route(conversation(colours(1), numbers(1))).chosen()).contains("numbers");
      assertThat(mixture.route(conversation(numbers(1), colours(1), colours(2))).chosen())
          .contains("colours");
      assertThat(mixture.generate(conversation(colours(1), numbers(1))).decision())
          .isEqualTo(mixture.route(conversation(colours(1), numbers(1))));
    }
  }

  @Test
  void conversationsInABatchAreRoutedAsAlone() {
    List<Question> questions =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    i % 3 == 0
                        ? conversation(colours(i), numbers(i))
                        : i % 3 == 1
                            ? conversation(numbers(i), colours(i))
                            : Question.of(numbers(i).toUpperCase(Locale.ROOT))
                                .with(GenerationOptions.greedy(2)))
            .toList();
    try (MixtureOfLoras mixture = open()) {
      List<Optional<String>> alone =
          questions.stream().map(question -> mixture.route(question).chosen()).toList();
      List<Optional<String>> together =
          mixture.generate(questions).stream()
              .map(outcome -> outcome.answer().orElseThrow().decision().chosen())
              .toList();

      assertThat(together).isEqualTo(alone);
      assertThat(alone.subList(0, 3))
          .containsExactly(Optional.of("numbers"), Optional.of("colours"), Optional.of("numbers"));
    }
  }

  @Test
  void aRestrictionHoldsForEveryWayOfReading() {
    try (MixtureOfLoras mixture = open()) {
      for (Question question :
          List.of(
              Question.of(colours(1)),
              Question.of(colours(1).toUpperCase(Locale.ROOT)),
              conversation(colours(1), colours(2)))) {
        RoutingDecision decision =
            mixture.route(question.with(GenerationOptions.greedy(1)).among(Set.of("numbers")));

        assertThat(decision.chosen()).contains("numbers");
        assertThat(decision.probabilities()).containsOnlyKeys("numbers");
        assertThat(mixture.route(question.among(Set.of("poems"))).abstention())
            .contains(Abstention.NO_DOMAIN);
        assertThat(mixture.route(question).chosen()).contains("colours");
      }
    }
  }

  @Test
  void spacesCapitalsAndLineEndsDoNotMatter() {
    try (MixtureOfLoras mixture = open()) {
      String asked = numbers(3);
      for (String written :
          List.of(
              asked.toUpperCase(Locale.ROOT),
              asked.replace(' ', '\u00a0'),
              asked.replace(" ", "  ") + "\r\n")) {
        assertThat(mixture.route(Question.of(written)).chosen()).contains("numbers");
      }
    }
  }
}
