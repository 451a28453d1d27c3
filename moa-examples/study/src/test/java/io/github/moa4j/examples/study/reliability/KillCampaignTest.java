package io.github.moa4j.examples.study.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The campaign in small. */
final class KillCampaignTest {

  @TempDir private Path folder;

  @Test
  void writersThatAreKilledLoseAndTearNothing() throws Exception {
    KillCampaign.Tally tally = KillCampaign.run(folder, 4, 3, Map::of);

    assertThat(tally.wrong()).isEmpty();
    assertThat(tally.kills()).isNotEmpty();
    assertThat(tally.changes()).isGreaterThan(4);
    assertThat(tally.reads()).isPositive();
  }
}
