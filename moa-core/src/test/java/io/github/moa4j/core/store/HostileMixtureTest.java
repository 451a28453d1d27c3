package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelOf;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.FaultyDisk;
import io.github.moa4j.core.lora.AdapterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a mixture never touches: files behind links, and whole versions that it does not mention.
 */
final class HostileMixtureTest {

  @TempDir private Path folder;
  private Path root;
  private MixtureDirectory mixture;
  private Path victimRoot;
  private MixtureDirectory victim;

  @BeforeEach
  void createMixtures() {
    Path disk = FaultyDisk.sound(folder); // which costs no time to force
    root = disk.resolve("mixture");
    mixture = MixtureDirectory.create(root, BASE);
    mixture.keepVersions(0);
    mixture.addDomain("sql", labelled("a"));
    mixture.setRouter(labelled("r"));
    victimRoot = disk.resolve("victim");
    victim = MixtureDirectory.create(victimRoot, BASE);
    victim.addDomain("sql", labelled("v1"));
    victim.addDomain("cron", labelled("v2"));
    victim.setRouter(labelled("v3"));
  }

  private void assertVictimIsUnharmed() {
    assertThat(labels(victim.state())).isEqualTo(Map.of("sql", "v1", "cron", "v2", "router", "v3"));
    assertThat(labels(MixtureDirectory.open(victimRoot).state())).hasSize(3);
  }

  /** Everything that could delete, long after all that was retired has expired. */
  private void openChangeAndClean() {
    MixtureDirectory.open(root);
    MixtureDirectory late =
        new MixtureDirectory(
            root,
            Duration.ZERO,
            Clock.offset(Clock.systemUTC(), MixtureDirectory.RETENTION.plusDays(1)));
    try {
      late.setRouter(labelled("s"));
    } catch (MixtureException e) {
      assertThat(e).hasMessageContaining("symbolic link");
    }
    try {
      late.replaceDomain("sql", labelled("b"));
    } catch (MixtureException e) {
      assertThat(e).hasMessageContaining("symbolic link");
    }
    late.removeRetired();
    late.removeUnlisted(late.unlisted());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adapters",
        "adapters/sql",
        "adapters/sql/v0001",
        "router",
        "router/v0001",
        "adapters/sql/v0001/label",
        "router/v0001/label",
      })
  void refusesAndSparesWhatALinkLeadsTo(String place) throws IOException {
    Path link = root.resolve(place);
    DurableFiles.deleteTree(link);
    Files.createSymbolicLink(link, victimRoot.resolve(place));

    MixtureState state = MixtureDirectory.open(root).state();
    assertThatThrownBy(
            () -> {
              state.adapterDirectory("sql");
              state.routerDirectory();
            })
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining(link + " is a symbolic link");
    openChangeAndClean();

    assertVictimIsUnharmed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adapters/sql/v0002",
        "adapters/sql/.writing-v0002",
        "adapters/sql/.deleted-v0002",
        ".writing-adapters.sql.v0002",
        ".deleted-adapters.sql.v0001",
        "adapters/other",
        "router/v0007",
        ".moa.json.tmp",
      })
  void sparesWhatALinkOfOurNamingLeadsTo(String place) throws IOException {
    Files.createSymbolicLink(root.resolve(place), victimRoot.resolve("adapters/sql/v0001"));
    Files.createSymbolicLink(root.resolve("router/v0009"), victimRoot.resolve("router"));

    openChangeAndClean();

    assertVictimIsUnharmed();
    assertThat(mixture.unlisted()).isEmpty();
    assertThat(labels(mixture.state())).isEqualTo(Map.of("sql", "b", "router", "s"));
  }

  @Test
  void readsNoManifestThroughALink() throws IOException {
    Files.delete(root.resolve("moa.json"));
    Files.createSymbolicLink(root.resolve("moa.json"), victimRoot.resolve("moa.json"));

    assertThatThrownBy(() -> MixtureDirectory.open(root))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("moa.json is a symbolic link");
    assertThatThrownBy(() -> MixtureDirectory.create(root, BASE))
        .isInstanceOf(MixtureException.class);
    assertThat(labelOf(root.resolve("adapters/sql/v0001"))).isEqualTo("a");
    assertVictimIsUnharmed();
  }

  @Test
  void locksNoFileBehindALink() throws IOException {
    Path precious = folder.resolve("precious");
    Files.delete(root.resolve(".lock"));
    Files.createSymbolicLink(root.resolve(".lock"), precious);

    assertThatThrownBy(() -> mixture.pinDomain("sql")).isInstanceOf(MixtureException.class);

    assertThat(precious).doesNotExist();
  }

  @Test
  void keepsEverythingCommittedAfterAManifestThatWasRestored() throws IOException {
    Path json = root.resolve("moa.json");
    String older = Files.readString(json);
    mixture.replaceDomain("sql", labelled("newer"));
    mixture.addDomain("cron", labelled("new"));
    mixture.setRouter(labelled("newer router"));
    Files.writeString(json, older);

    openChangeAndCleanWithoutRemoving();

    assertThat(mixture.unlisted())
        .extracting(version -> labelOf(version.directory()))
        .containsExactlyInAnyOrder("newer", "new", "newer router");
    assertThat(mixture.state().domain("sql").version()).isEqualTo(3);
    UnlistedVersion lost =
        mixture.unlisted().stream()
            .filter(version -> version.domain().equals(Optional.of("cron")))
            .findFirst()
            .orElseThrow();
    assertThat(lost.version()).isEqualTo(1);
    mixture.addDomain("cron", target -> copy(lost.directory(), target));
    assertThat(labels(mixture.state())).containsEntry("cron", "new");
    assertThat(mixture.state().domain("cron").version()).isEqualTo(2);

    mixture.removeUnlisted(mixture.unlisted());

    assertThat(mixture.unlisted()).isEmpty();
    assertThat(labels(mixture.state()).keySet()).containsOnly("sql", "cron", "router");
    assertThatThrownBy(() -> mixture.removeUnlisted(java.util.List.of(lost)))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("no unlisted version");
  }

  private void openChangeAndCleanWithoutRemoving() {
    MixtureDirectory.open(root);
    mixture.replaceDomain("sql", labelled("b"));
    mixture.removeRetired();
  }

  private static void copy(Path from, Path to) {
    try {
      Files.createDirectory(to.resolve("more"));
      for (String name : new String[] {"label", "hashes", "weights", "more/statistics"}) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void keepsWhatAWriterOfAnEarlierReleaseLeftUnfinished() throws IOException {
    Path left = Files.createDirectories(root.resolve("adapters/sql/v0002"));
    Files.writeString(left.resolve("adapter_config.json"), "{");

    MixtureDirectory.open(root);

    assertThat(mixture.unlisted()).extracting(UnlistedVersion::directory).containsExactly(left);
    assertThat(mixture.replaceDomain("sql", labelled("b")).domain("sql").version()).isEqualTo(3);
  }

  @Test
  void opensAMixtureThatCannotBeLocked() throws IOException {
    Files.delete(root.resolve(".lock"));
    Files.createDirectory(root.resolve(".lock"));
    Files.createDirectories(root.resolve(".writing-adapters.sql.v0002"));

    assertThat(labels(MixtureDirectory.open(root).state())).containsEntry("sql", "a");
    assertThatThrownBy(() -> mixture.replaceDomain("sql", labelled("b")))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining(root.resolve(".lock") + " is not a file");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Timeout(20)
  void waitsForNoPipe() throws Exception {
    Path json = Path.of(root.resolve("moa.json").toString());
    Path lock = json.resolveSibling(".lock");
    Files.delete(lock);
    assertThat(new ProcessBuilder("mkfifo", lock.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> mixture.pinDomain("sql")).isInstanceOf(MixtureException.class);
    Files.delete(json);
    assertThat(new ProcessBuilder("mkfifo", json.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> MixtureDirectory.open(root))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("not a file");
  }

  @Test
  void everyFailureOfAWriterIsOfTheRoom() {
    assertThatThrownBy(
            () ->
                mixture.addDomain(
                    "cron",
                    path -> {
                      throw new UncheckedIOException(new IOException("No space left on device"));
                    }))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("No space left on device");
    assertThatThrownBy(() -> MixtureDirectory.open(root.resolve("moa.json")))
        .isInstanceOf(MixtureException.class);
    assertThatThrownBy(() -> MixtureDirectory.create(root.resolve("moa.json/x"), BASE))
        .isInstanceOf(MixtureException.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> mixture.pinDomain("sql")).isInstanceOf(MixtureException.class);
    assertThat(Thread.interrupted()).isTrue();
    mixture.pinDomain("sql");
  }

  @ParameterizedTest
  @ValueSource(strings = {"con", "prn", "aux", "nul", "com1", "com9", "lpt0", "lpt9"})
  void refusesNamesOfDevicesButOpensWhatHasThem(String name) throws IOException {
    assertThatThrownBy(() -> mixture.addDomain(name, labelled("a")))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'" + name + "'")
        .hasMessageContaining("Windows");
    Path json = root.resolve("moa.json");
    Files.move(root.resolve("adapters/sql"), root.resolve("adapters").resolve(name));
    Files.writeString(json, Files.readString(json).replace("\"sql\"", "\"" + name + "\""));

    assertThat(labels(MixtureDirectory.open(root).state())).containsEntry(name, "a");
    mixture.replaceDomain(name, labelled("b"));
    assertThat(mixture.removeDomain(name).domains()).isEmpty();
  }

  @Test
  void quotesLittleOfANameThatIsTooLong() {
    String name = "x".repeat(1_000_000);
    assertThatThrownBy(() -> mixture.addDomain(name, labelled("a")))
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
    assertThatThrownBy(() -> mixture.adapterDirectory(name))
        .isInstanceOf(MoaException.class)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
  }

  @Test
  void looksNowhereForABaseThatIsNoPath() {
    MixtureDirectory odd = MixtureDirectory.create(root.resolveSibling("odd"), BASE, "a\0b");
    assertThat(odd.state().basePlaces()).isEmpty();
    assertThat(odd.state().baseRepository()).isEmpty();
    assertThat(mixture.state().basePlaces()).isEmpty();
  }

  @Test
  void quotesLittleOfWhatItsFilesSay() throws IOException {
    String much = "y".repeat(1_000_000);
    assertThatThrownBy(
            () -> mixture.addDomain("cron", path -> SampleVersions.provenance(much).write(path)))
        .isInstanceOf(AdapterException.class)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(900));
    Path json = root.resolve("moa.json");
    Files.writeString(json, Files.readString(json).replace(BASE, much));
    MixtureState state = MixtureDirectory.open(root).state();
    assertThatThrownBy(() -> state.checkBase(BASE))
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(900));
    Files.writeString(json, "{\"formatVersion\":1,\"baseFingerprint\":[\"" + much + "\"]}");
    assertThatThrownBy(mixture::state)
        .isInstanceOf(MixtureException.class)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(900));
  }

  @Test
  void saysThatNoNumbersAreLeft() throws IOException {
    Path json = root.resolve("moa.json");
    Files.writeString(
        json, Files.readString(json).replaceFirst("\"sql\" : 1", "\"sql\" : 2147483646"));

    assertThat(mixture.replaceDomain("sql", labelled("b")).domain("sql").version())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(labels(MixtureDirectory.open(root).state())).containsEntry("sql", "b");
    assertThatThrownBy(() -> mixture.replaceDomain("sql", labelled("c")))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("no version numbers left");
    mixture.removeRetired();
    assertThat(labels(mixture.state())).containsEntry("sql", "b");
  }
}
