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
