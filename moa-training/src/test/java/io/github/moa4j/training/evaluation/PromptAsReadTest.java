package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PromptAsReadTest {

  @TempDir private Path folder;

  @Test
  void ofAConversationTheLastMessageOfTheUserIsLeftBehindTheSystemMessage() {
    ChatMessage system = ChatMessage.system("You help in the kitchen.");
    Example example =
        new Example(
            List.of(
                system,
                ChatMessage.user("Let us cook rice"),
                ChatMessage.assistant("What do you want to know?"),
                ChatMessage.user("how much  salt?")),
            "10 g");

    Example read = PromptAsRead.of(example);

    assertThat(read.prompt()).containsExactly(system, ChatMessage.user("how much salt?"));
    assertThat(read.reply()).isEqualTo(example.reply());
    assertThat(PromptAsRead.of(read)).isSameAs(read);
  }

  @Test
  void aSingleMessageThatReadsAsItIsWrittenStaysInItsConversation() {
    Example example =
        new Example(
            List.of(
                ChatMessage.assistant("What can I do for you?"),
                ChatMessage.user("How much salt?")),
            "10 g");

    assertThat(PromptAsRead.of(example)).isSameAs(example);
  }

  @Test
  void theInputIsToldApartAlsoWhereItReadsOtherwise() throws IOException {
    Path file = folder.resolve("train.jsonl");
    Files.writeString(
        file,
        """
        {"instruction": "Sum up", "input": "Sales\\u00a0rose by  5\\r\\nCosts fell", "output": "a"}
        """);

    Example read = PromptAsRead.of(ExampleFile.read(file).examples().get(0));

    assertThat(read.question()).isEqualTo("Sum up\nSales rose by 5\nCosts fell");
    assertThat(read.instruction()).isEqualTo("Sum up");
  }

  @Test
  void whatHoldsNoLetterStaysAsItIs() {
    Example example = Example.of("\u200b", "a");

    assertThat(PromptAsRead.of(example)).isSameAs(example);
  }
}
