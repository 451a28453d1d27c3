package io.github.moa4j.training.data;

import static io.github.moa4j.training.personal.PersonalKind.CARD;
import static io.github.moa4j.training.personal.PersonalKind.EMAIL;
import static io.github.moa4j.training.personal.PersonalKind.IBAN;
import static io.github.moa4j.training.personal.PersonalKind.IP_ADDRESS;
import static io.github.moa4j.training.personal.PersonalKind.PHONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.training.personal.PersonalData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ExampleTextsTest {

  private static final PersonalData DATA = PersonalData.international();

  @Test
  void countsAndMasksEveryTextOfAnExample() {
    Example example =
        new Example(
            new Conversation(
                List.of(
                    ChatMessage.system("You serve a@b.org."),
                    ChatMessage.user("What is it?\nIBAN DE89 3704 0044 0532 0130 00")),
                List.of(),
                List.of(Map.of("title", "t", "text", "from 8.8.8.8")),
                Map.of()),
            ChatMessage.assistant("Ask +49 30 901820.").withReasoning("c@d.org asked"),
            "IBAN DE89 3704 0044 0532 0130 00");
    Domain domain = new Domain("bank", List.of(example), List.of(), List.of());

    assertThat(ExampleTexts.count(DATA, List.of(example)))
        .isEqualTo(Map.of(EMAIL, 2, IBAN, 1, CARD, 0, IP_ADDRESS, 1, PHONE, 1));

    Example masked = domain.masked(DATA).train().get(0);
    assertThat(masked.prompt())
        .extracting(ChatMessage::content)
        .containsExactly("You serve [EMAIL].", "What is it?\nIBAN [IBAN]");
    assertThat(masked.input()).isEqualTo("IBAN [IBAN]");
    assertThat(masked.context().documents().get(0)).containsEntry("text", "from [IP_ADDRESS]");
    assertThat(masked.answer()).isEqualTo("Ask [PHONE].");
    assertThat(masked.reply().reasoning()).contains("[EMAIL] asked");
    assertThat(ExampleTexts.count(DATA, List.of(masked)).values()).containsOnly(0);
  }

  @Test
  void masksPartsAndArgumentsOfTools() {
    ChatMessage call =
        new ChatMessage(
            "assistant",
            "",
            Map.of(
                "tool_calls",
                List.of(
                    Map.of(
                        "id",
                        "call_1",
                        "type",
                        "function",
                        "function",
                        Map.of("name", "send", "arguments", Map.of("to", "a@b.org"))))));
    Example example =
        new Example(
            Conversation.of(ChatMessage.ofParts("user", List.of("From a@b.org", "to 8.8.8.8"))),
            call,
            "");

    Example masked = ExampleTexts.each(example, DATA::mask);

    assertThat(ExampleTexts.count(DATA, List.of(example))).containsEntry(EMAIL, 2);
    assertThat(masked.question()).isEqualTo("From [EMAIL]\nto [IP_ADDRESS]");
    assertThat(masked.reply().fields().toString())
        .contains("[EMAIL]", "call_1")
        .doesNotContain("@");
  }

  @Test
  void aReportTellsWhatPersonalDataThereIs() {
    Domain domain =
        new Domain(
            "mail",
            List.of(Example.of("Who is it?", "a@b.org or c@d.org")),
            List.of(Example.of("Who?", "+49 30 901820")),
            List.of());

    assertThat(DataReport.of(domain).toString())
        .contains("  training, personal data: 2 [EMAIL]\n")
        .contains("  validation, personal data: 1 [PHONE]\n");
    Domain masked = domain.masked(DATA);
    assertThat(masked.masked()).containsEntry(EMAIL, 2).containsEntry(PHONE, 1);
    assertThat(DataReport.of(masked).toString())
        .contains("  masked, personal data: 2 [EMAIL], 1 [PHONE]\n")
        .doesNotContain("training, personal");
  }
}
