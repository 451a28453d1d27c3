package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DataReportTest {

  @Test
  void tellsWhatRepeatsAndWhatWasSeenInTraining() {
    DataReport report =
        DataReport.of(
            new Domain(
                "qa",
                List.of(Example.of("a", "1"), Example.of("b", "2"), Example.of("a", "1")),
                List.of(Example.of("c", "3"), Example.of("B.", "2"), Example.of("c", "4")),
                List.of()));
    assertThat(report)
        .hasToString(
            """
            qa: 3 training, 3 validation examples
              training, same prompt and answer: 1 (lines 3 as 1)
              validation, same prompt, other answer: 1 (lines 3 as 1)
              validation in training, nearly the same prompt: 1 (lines 2 as 2)
            """);
  }

  @Test
  void aCleanDomainHasNothingToTell() {
    for (Domain domain : Domains.read(Path.of("src/test/resources/domains"))) {
      assertThat(DataReport.of(domain).toString().lines()).hasSize(1);
    }
  }

  @Test
  void showsAFewLinesOnly() {
    List<Example> same = Collections.nCopies(9, Example.of("a", "1"));
    assertThat(DataReport.of(new Domain("qa", same, List.of(), List.of())).toString())
        .contains("same prompt and answer: 8 (lines 2 as 1, 3 as 1, 4 as 1, …)");
  }
}
