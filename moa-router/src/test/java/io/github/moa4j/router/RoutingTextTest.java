package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTextTest {

  @Test
  void readsTheSameWhateverTheKeyboardTheClipboardOrTheSystem() {
    String plain = "List the files, \"hidden\" ones too\nin size's order - now";
    assertThat(RoutingText.of(plain)).isSameAs(plain);
    assertThat(RoutingText.of(plain.replace("\n", "\r\n"))).isEqualTo(plain);
    assertThat(RoutingText.of(plain.replace("\n", "\r"))).isEqualTo(plain);
    assertThat(RoutingText.of(plain.replace(' ', '\u00a0'))).isEqualTo(plain);
    assertThat(RoutingText.of(plain.replace(' ', '\u2009'))).isEqualTo(plain);
    assertThat(RoutingText.of(plain.replace(" ", "  "))).isEqualTo(plain);
    assertThat(RoutingText.of(plain.replace(" ", "\t"))).isEqualTo(plain);
    assertThat(RoutingText.of("\n  " + plain.replace("\n", "  \n") + " \n")).isEqualTo(plain);
    assertThat(RoutingText.of(plain.replace('\'', '’').replace('-', '–'))).isEqualTo(plain);
    assertThat(RoutingText.of("\ufeffList the \u200bfiles")).isEqualTo("List the files");
    assertThat(RoutingText.of("Ｌｉｓｔ the ﬁles")).isEqualTo("List the files");
  }

  @Test
  void readsCapitalsAsASentenceAndLeavesNamesInCapitalsAlone() {
    assertThat(RoutingText.of("LIST ALL FILES OF BOB")).isEqualTo("List all files of bob");
    assertThat(RoutingText.of("What does NASA stand for?")).isEqualTo("What does NASA stand for?");
    assertThat(RoutingText.of("OK")).isEqualTo("OK");
  }

  @Test
  void readsCapitalsWithThoseThatASentenceHas() {
    assertThat(RoutingText.of("LIST THEM. HOW MANY DO I HAVE?\n(A) ONE\n(B) SO I THINK\nC) 3"))
        .isEqualTo("List them. How many do I have?\n(A) one\n(B) so I think\nC) 3");
  }

  @Test
  void readsTitleCaseAsASentence() {
    assertThat(RoutingText.of("How Many Files Are There In /Tmp? Count Them."))
        .isEqualTo("How many files are there in /tmp? Count them.");
    String names = "Play Maggot Brain by Albano Carrisi";
    assertThat(RoutingText.of(names)).isSameAs(names);
  }

  @Test
  void readsARunOfWordsInCapitalsAsASentenceAndLeavesTheOthersAlone() {
    assertThat(RoutingText.of("Bob says: PLEASE LIST 5 FILES (NOW!) of NASA"))
        .isEqualTo("Bob says: please list 5 files (now!) of NASA");
    assertThat(RoutingText.of("LIST ALL THE FILES\nfrom: /home/Bob"))
        .isEqualTo("List all the files\nfrom: /home/Bob");
    String names = "Athletes S, T, U, W, X, Y and Z come from the USA, UK or GDR";
    assertThat(RoutingText.of(names)).isSameAs(names);
    String query = "What does SELECT MAX(a) mean?";
    assertThat(RoutingText.of(query)).isSameAs(query);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LIST THEM. HOW MANY DO I HAVE?\n(A) ONE",
        "How Many Files Are There In /Tmp? Count Them.",
        "Bob: PLEASE LIST 5 FILES NOW of NASA",
        "ΚΑΛΗΜΕΡΑ ΣΑΣ ΚΥΡΙΕ ΒΟΒ",
        "İSTANBUL'DA HAVA NASIL? I."
      })
  void readsOtherLettersTheSameAgain(String text) {
    String once = RoutingText.of(text);
    assertThat(once).isNotEqualTo(text);
    assertThat(RoutingText.of(once)).isEqualTo(once);
  }

  /** Unbounded, the row would be read to its end from each of its signs. */
  @Test
  void readsALongRowOfSigns() {
    String signs = " !".repeat(500_000);
    assertThat(RoutingText.of("LIST ALL THE FILES" + signs))
        .isEqualTo("List all the files" + signs);
  }

  @Test
  void keepsWhatIndentsALine() {
    String code = "Explain:\nfor x in y:\n    print(x)\n\n\tdone";
    assertThat(RoutingText.of(code)).isSameAs(code);
  }

  @Test
  void readsWhatItHasReadTheSameAgain() {
    String once = RoutingText.of("  ＡＢＣ\u00a0  DEF “GHI”\r\n\r\n\r\n\r\nİ ");
    assertThat(RoutingText.of(once)).isEqualTo(once);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u00a0\r\n\t", "\u200b", "?!", "...", "--- ***", "\ufeff"})
  void isBlankWithoutALetterOrADigit(String text) {
    assertThat(RoutingText.isBlank(text)).isTrue();
  }

  @Test
  void ofAConversationReadsTheLastMessageOfTheUserUnderTheConversationsRules() {
    ChatMessage system = ChatMessage.system("You count");
    ChatMessage first = ChatMessage.user("One");
    ChatMessage then = ChatMessage.user("THEN  TELL ME MORE");
    Conversation conversation =
        Conversation.of(List.of(system, first, ChatMessage.assistant("two"), then))
            .with("enable_thinking", false);

    assertThat(RoutingText.of(conversation))
        .isEqualTo(
            conversation.withMessages(List.of(system, ChatMessage.user("Then tell me more"))));
    assertThat(RoutingText.alone(conversation, "ONE, TWO").messages())
        .containsExactly(system, ChatMessage.user("One, two"));
  }

  @Test
  void ofASingleMessageThatReadsAsItIsWrittenReadsTheConversationItself() {
    Conversation greeted =
        Conversation.of(List.of(ChatMessage.assistant("Hello"), ChatMessage.user("Count")));
    Conversation blank =
        Conversation.of(
            List.of(
                ChatMessage.user("Count"), ChatMessage.assistant("1"), ChatMessage.user("...")));

    assertThat(RoutingText.of(greeted)).isSameAs(greeted);
    assertThat(RoutingText.of(blank)).isSameAs(blank);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "你好", "½"})
  void isNotBlankWithOne(String text) {
    assertThat(RoutingText.isBlank(text)).isFalse();
  }
}
