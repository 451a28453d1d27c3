package io.github.moa4j.training.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.training.data.Example;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PromptFormTest {

  private static final Example TABLE =
      new Example(
          Conversation.of(ChatMessage.user("What did Revenue come to?\nYear | Revenue\n2019 | 3")),
          ChatMessage.assistant("3"),
          "Year | Revenue\n2019 | 3");
  private static final Example LONG =
      Example.of("One two three  four\nfive six seven eight nine ten.", "11");

  @Test
  void dropsTheInputAndKeepsTheInstruction() {
    assertThat(PromptForm.WITHOUT_INPUT.of(TABLE, 0).question())
        .isEqualTo("What did Revenue come to?");
    assertThat(PromptForm.WITHOUT_INPUT.of(LONG, 0)).isEqualTo(LONG);
  }

  @Test
  void lowersTheWholePrompt() {
    assertThat(PromptForm.LOWER_CASED.of(TABLE, 0).question())
        .isEqualTo("what did revenue come to?\nyear | revenue\n2019 | 3");
  }

  @Test
  void cutsBehindTheEighthWordAsItIsWritten() {
    assertThat(PromptForm.FIRST_EIGHT_WORDS.of(LONG, 0).question())
        .isEqualTo("One two three  four\nfive six seven eight");
    Example brief = Example.of(" Short one ", "1");
    assertThat(PromptForm.FIRST_EIGHT_WORDS.of(brief, 0).question()).isEqualTo(" Short one");
  }

  @Test
  void mistypesAFifthOfTheWordsAndAtLeastOne() {
    String words = String.join(" ", IntStream.range(0, 50).mapToObj(i -> "word").toList());
    String[] typed =
        PromptForm.TYPING_ERRORS.of(Example.of(words, "a"), 3).question().split(" ", -1);
    assertThat(typed).hasSize(50);
    assertThat(Arrays.stream(typed).filter(word -> !word.equals("word")).count())
        .isBetween(
            8L, 10L); // a swap of equal letters or a slip beyond the keyboard changes nothing
    assertThat(PromptForm.TYPING_ERRORS.of(Example.of("Hello 12", "a"), 3).question())
        .isNotEqualTo("Hello 12")
        .endsWith(" 12");
  }

  @Test
  void theSameSeedMakesTheSameErrors() {
    List<Example> twice =
        Stream.of(LONG, LONG).map(e -> PromptForm.TYPING_ERRORS.of(e, 1)).toList();
    assertThat(twice.get(0)).isEqualTo(twice.get(1));
    assertThat(PromptForm.TYPING_ERRORS.of(LONG, 1))
        .isNotEqualTo(PromptForm.TYPING_ERRORS.of(LONG, 2));
  }

  @Test
  void leavesTextsWithoutWordsAsTheyAre() {
    assertThat(PromptForm.TYPING_ERRORS.of(Example.of("1 + 1 = ?", "2"), 0).question())
        .isEqualTo("1 + 1 = ?");
    Example signs = Example.of("𝄞𝄞 𝐀𝐁", "2");
    assertThat(PromptForm.TYPING_ERRORS.of(signs, 0).question()).isNotBlank();
  }

  @Test
  void changesTheLastMessageOnlyAndKeepsTheAnswer() {
    Example chat =
        new Example(
            List.of(
                ChatMessage.user("Hi THERE"),
                ChatMessage.assistant("Hello"),
                ChatMessage.user("ME")),
            "You");
    Example lowered = PromptForm.LOWER_CASED.of(chat, 0);
    assertThat(lowered.prompt().get(0).content()).isEqualTo("Hi THERE");
    assertThat(lowered.question()).isEqualTo("me");
    assertThat(lowered.answer()).isEqualTo("You");
  }

  @Test
  void routersLearnEachDifferentFormOnce() {
    List<List<Example>> forms = DisturbedPrompts.of(List.of(TABLE, LONG, Example.of("hi", "a")), 0);
    assertThat(forms.get(0))
        .extracting(Example::question)
        .containsExactly(
            TABLE.question(),
            "What did Revenue come to?",
            "What did Revenue come to?\nYear | Revenue",
            "what did revenue come to?\nyear | revenue\n2019 | 3");
    assertThat(forms.get(1)).hasSize(3).first().isEqualTo(LONG);
    assertThat(forms.get(2)).extracting(Example::question).containsExactly("hi", "HI");
  }
}
