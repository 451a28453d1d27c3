package io.github.moa4j.examples.study.structured;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.base.OpenBase;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first of the schemas that {@code StructuredAnswers} tries. */
final class SchemaAnswersTest {

  @Test
  void everyFinishedAnswerSatisfiesItsSchema(@TempDir Path folder) {
    Optional<Path> base = Optional.of(EmbeddedBase.extractTo(folder));
    try (OpenBase opened = OpenBase.load(base, WeightFormat.F32);
        TextGenerator generator = new TextGenerator(opened.model(), opened.prompts())) {
      SchemaAnswers.Tally tally = new SchemaAnswers(generator, opened.prompts(), 150).ask(0, 60);

      assertThat(tally.invalid()).isEmpty();
      assertThat(tally.refused()).isEmpty();
      assertThat(tally.unfinished()).hasSizeLessThanOrEqualTo(2);
      assertThat(tally.valid() + tally.unfinished().size()).isEqualTo(60);
    }
  }
}
