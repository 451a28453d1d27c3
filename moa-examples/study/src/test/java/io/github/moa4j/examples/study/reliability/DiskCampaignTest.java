package io.github.moa4j.examples.study.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.examples.study.reliability.DiskCampaign.Disk;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The campaign in small. */
final class DiskCampaignTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"FAILS_ONCE, PAIR, 7", "DIES, SIGN, 7", "FULL, REPLACE, 211", "LOSES_POWER, PAIR, 9"})
  void aChangeLeavesTheOldStateOrTheNewOne(Disk disk, String kind, int every) throws IOException {
    DiskCampaign.Tally tally = DiskCampaign.run(kind, disk, folder, every, 64);

    assertThat(tally.wrong()).isEmpty();
    assertThat(tally.states()).isGreaterThan(5);
  }
}
