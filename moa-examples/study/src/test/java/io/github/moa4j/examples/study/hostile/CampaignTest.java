package io.github.moa4j.examples.study.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the originals are valid, and a few hundred changed files: the campaign in small. */
final class CampaignTest {

  @ParameterizedTest
  @EnumSource(FileKind.class)
  void originalsAreOpened(FileKind kind, @TempDir Path folder) throws IOException {
    Originals.write(folder);

    assertThat(Files.size(kind.file(folder))).isPositive();
    assertThatCode(() -> kind.read(folder)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource(FileKind.class)
  void changedFilesAreOpenedOrRefused(FileKind kind) {
    Campaign.Tally tally = Campaign.run(kind, 7, 0, 40, 10, Optional.empty());

    assertThat(tally.wrong()).isEmpty();
    assertThat(tally.tried()).isEqualTo(40);
    assertThat(tally.refused()).isPositive();
  }
}
