package io.github.moa4j.router.routing.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.routing.internal.TextParts.Part;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextPartsTest {

  private static final String DOCUMENT =
      IntStream.range(0, 200).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));

  @Test
  void aShortTextHasNoParts() {
    assertThat(TextParts.of("")).isEmpty();
    assertThat(TextParts.of("List all files, hidden ones too")).isEmpty();
  }

  @Test
  void theQuestionStandsAloneBeforeAndBehindADocument() {
    String question = "What is the sum? Round it.";
    for (String gap : List.of(" ", "\n", "\n\n")) {
      assertThat(TextParts.of(question + gap + DOCUMENT)).contains(new Part(question, true, false));
      assertThat(TextParts.of(DOCUMENT + "." + gap + question))
          .contains(new Part(question, false, false));
    }
  }

  @Test
  void scriptsWithoutSpacesHavePartsToo() {
    String question = "\u8bf7\u5217\u51fa\u6240\u6709\u6587\u4ef6\u3002"; // list all files
    String document = "\u6625\u5929\u6765\u4e86".repeat(60);
    assertThat(TextParts.of(question + document)).contains(new Part(question, true, false));
    assertThat(TextParts.of(document + "\u3002" + question))
        .contains(new Part(question, false, false));
    assertThat(TextParts.of(document).stream().filter(Part::telling)).hasSize(6);
    assertThat(TextParts.of(question.repeat(5))).isEmpty();
  }

  @Test
  void longPartsTellOfWhatKindAnEndIs() {
    assertThat(TextParts.of(DOCUMENT).stream().filter(Part::telling))
        .hasSize(6)
        .allMatch(part -> part.text().split(" ", -1).length >= 48);
  }

  @Test
  void theWorkIsBoundedHoweverLongTheText() {
    assertThat(TextParts.of((DOCUMENT + ". ").repeat(200)))
        .hasSizeLessThan(32)
        .allMatch(part -> part.text().split("\\s+", -1).length <= 1300);
  }
}
