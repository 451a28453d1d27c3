package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture whose writers' clocks are wrong by years, one way and the other. */
class ClockJumpTest {

  private static final Duration YEARS = Duration.ofDays(4000);

  @TempDir private Path folder;

  private MixtureDirectory at(Duration offset) {
    return new MixtureDirectory(
        folder.resolve("mixture"), Duration.ZERO, Clock.offset(Clock.systemUTC(), offset));
  }

  private MixtureManifest manifest() {
    return MixtureManifestReader.read(folder.resolve("mixture"));
  }

  @Test
  void stateAndVersionsFollowTheOrderOfCommitsWhateverTheClocksSay() {
    MixtureDirectory.create(folder.resolve("mixture"), BASE);
    at(YEARS).addDomain("sql", labelled("1"));
    at(YEARS.negated()).replaceDomain("sql", labelled("2"));
    at(YEARS.multipliedBy(2)).replaceDomain("sql", labelled("3"));

    at(Duration.ZERO).activate("sql", at(Duration.ZERO).previousVersion("sql").orElseThrow());

    assertThat(labels(at(Duration.ZERO).state())).isEqualTo(Map.of("sql", "2"));
    assertThat(at(Duration.ZERO).previousVersion("sql")).hasValue(3);
  }

  @Test
  void whatWasRetiredInTheFutureGoesOnceTheClockIsRight() {
    MixtureDirectory.create(folder.resolve("mixture"), BASE);
    at(Duration.ZERO).addDomain("sql", labelled("1"));
    at(YEARS).removeDomain("sql");

    at(Duration.ZERO).addDomain("cron", labelled("2"));

    assertThat(manifest().retired()).hasSize(1); // a reader may have learnt its path just now
    at(MixtureDirectory.RETENTION.plusMinutes(1)).removeDomain("cron");
    assertThat(manifest().retired().keySet()).containsExactly(VersionFolder.adapter("cron", 1));
  }
}
